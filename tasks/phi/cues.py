"""The phrases right after which a person is named, in lower case and without accents; apostrophe-s is left out.

SURE phrases vouch for any capitalised word that is not clinical; the others need a word the lexicon has. Knows nothing
of how a phrase is looked up.
"""

from tasks.phi import word_set


def _each(before: str, what: str, after: str = "") -> set[str]:
    """Return every `before what after`, where each part lists its alternatives between bars; `_` is a space."""
    return {
        " ".join(f"{b} {w} {a}".replace("_", " ").split())
        for b in before.split("|")
        for w in what.split("|")
        for a in after.split("|")
    }


_CLINICIANS = (
    "physician|provider|doctor|surgeon|md|clinician|practitioner|psychiatrist|psychologist|radiologist|pathologist"
    "|therapist|cardiologist|oncologist|neurologist|nephrologist|urologist|gynecologist|obstetrician|pediatrician"
    "|anesthesiologist|anaesthetist|anesthetist|rheumatologist|dermatologist|endocrinologist|gastroenterologist"
    "|pulmonologist|hospitalist|ophthalmologist|podiatrist|dentist|intensivist|neurosurgeon|resident|fellow|intern"
)
_HELPERS = (
    "social_worker|case_manager|care_manager|care_coordinator|counselor|counsellor|nurse_practitioner"
    "|physician_assistant"
    "|medical_student|interpreter|translator|pharmacist|dietitian|nutritionist|midwife|technologist|technician"
    "|sonographer"
    "|scribe|transcriptionist|chaplain|home_health_aide|physical_therapist|occupational_therapist|speech_therapist|aide"
    "|charge_nurse|paramedic|hospice_nurse|caseworker|sponsor|attorney|lawyer|parole_officer|probation_officer"
)
RELATIVES = frozenset(
    _each("|step|half|foster", "husband|wife|son|daughter|mother|father|brother|sister|mom|mum|dad|child")
    | _each(
        "",
        "spouse|partner|fiance|fiancee|girlfriend|boyfriend|friend|neighbor|neighbour|roommate|housemate|sibling|twin",
    )
    | _each(
        "",
        "aunt|uncle|cousin|niece|nephew|caregiver|guardian|sitter|babysitter|nanny|companion|carer|co-worker|coworker",
    )
    | _each(
        "", "grandson|granddaughter|grandmother|grandfather|grandma|grandpa|grandchild|stepson|stepdaughter|stepmother"
    )
    | _each(
        "",
        "stepfather|stepbrother|stepsister|significant_other|best_friend|proxy|health_care_proxy|healthcare_proxy|hcp",
    )
    | _each("son|daughter|mother|father|brother|sister", "in_law")
    | _each("", "husb|hubby|dtr|gdtr|sis|bro|grandchildren|grandkids|kids|twins|nephews|nieces|cousins|widow|widower")
    | _each(
        "", "son-in-law|daughter-in-law|mother-in-law|father-in-law|brother-in-law|sister-in-law|ex-husband|ex-wife"
    )
    | _each(
        "", "sons|daughters|brothers|sisters|children|parents|siblings|friends|boss|landlord|employer|colleague|pastor"
    )
    | _each(
        "", "legal_guardian|power_of_attorney|poa|next_of_kin|emergency_contact|teacher|coach|fiance|ex|late_husband"
    )
)
"""After these a name stands in apposition: `her husband Bob`, `daughter (Ana)`."""

FIELDS = frozenset(
    _each(
        "patient|pt|client|full|legal|first|last|middle|maiden|preferred|given|family|birth|nick|sur|resident|member",
        "name",
    )
    | _each(
        "mother|father|spouse|contact|parent|guardian|subscriber|insured|guarantor|child|infant|provider|physician"
        "|doctor",
        "name",
    )
    | _each("husband|wife|employee|caregiver|emergency_contact|surname|mothers|fathers|patients|mother_maiden", "name|")
    | _each(
        "name of", "patient|the_patient|pt|contact|physician|provider|caregiver|spouse|next_of_kin|insured|informant"
    )
    | _each(
        "attending|referring|consulting|requesting|ordering|admitting|primary_care|primary|supervising|treating|",
        _CLINICIANS,
    )
    | _each(
        "dictating|discharging|covering|interpreting|reading|operating|performing|responsible|rendering|family",
        _CLINICIANS,
    )
    | _each(
        "evaluating|examining|collaborating|assisting|first|second|co|staff|on-call|authorizing|billing", _CLINICIANS
    )
    | _each("", _HELPERS)
    | _each(
        "",
        "surname|pcp|attending|surgeons|co-surgeon|assistant|assistants|first_assistant|assistant_surgeon|consultant",
    )
    | _each(
        "",
        "consultants|referred_by|author|dictator|transcriber|witness|witnesses|attn|signature|coroner|medical_examiner",
    )
    | _each(
        "",
        "nok|guarantor|responsible_party|insured|conservator|anesthesia_provider|circulator|scrub|scrub_nurse|operator",
    )
    | _each(
        "",
        "attending_of_record|primary|patient_name_last_first|alias|aka|signed|dictated|transcribed|name_last"
        "|name_first",
    )
    | RELATIVES
    - {"children", "siblings", "sisters", "brothers", "parents", "daughters", "sons", "sibling", "mother"}
    - {
        "father",
        "brother",
        "sister",
        "son",
        "daughter",
        "mom",
        "dad",
        "child",
        "aunt",
        "uncle",
        "cousin",
        "employer",
        "twin",
    }
)
"""Fields whose value is a person."""

SOFT_FIELDS = RELATIVES | frozenset(
    _each(
        "",
        "patient|pt|client|name|re|cc|to|from|subject|regarding|relation|contact|relationship|informant|historian"
        "|source",
    )
    | _each(
        "", "nurse|rn|np|pa|staff|team|by|case|caller|baby|infant|newborn|user|reviewer|employee|primary_contact|family"
    )
    | _each(
        "",
        "resident|lives_with|with|dear|hi|hello|emergency|person|notified|siblings|pharmacist|information_from|student",
    )
)
"""Fields whose value may be a person: the lexicon decides."""

_WRITING = (
    "requested|dictated|transcribed|signed|cosigned|co-signed|authenticated|verified|attested|interpreted|reviewed|read"
    "|prepared|completed"
    "|entered|ordered|performed|approved|reported|recorded|written|edited|finalized|witnessed|documented|scribed"
    "|typed|translated"
    "|authored|released|supervised|assisted|electronically_signed|digitally_signed|electronically_authenticated"
    "|obtained|filed"
)
BY = frozenset(_each("", _WRITING, "by|electronically_by"))
"""`Dictated by`: what follows, on this line or the next, signs."""

SIGN_OFFS = frozenset(
    _each("", "sincerely|respectfully|regards|best_regards|kind_regards|warm_regards|yours_truly|cordially|thank_you")
)
SIGN_OFFS |= {
    "thanks",
    "sincerely yours",
    "respectfully submitted",
    "respectfully yours",
    "signed",
    "best",
    "best wishes",
}

SURE_VERBS = frozenset(
    _each("lives|living|lived|resides|stays|staying|home", "with|alone_with|at_home_with")
    | _each(
        "spoke|speaking|talked|met|conferred|conversation", "with|to|directly_with|again_with|today_with|briefly_with"
    )
    | _each("lives|living|spoke|talked|met", "with", "her|his|their")
    | _each("married|engaged", "to")
    | _each(
        "son|daughter|wife|husband|child|parents|mother|father|sister|brother|widow|widower|caregiver|sibling", "of"
    )
    | _each(
        "seen|evaluated|examined|assessed|staffed|referred|notified|called|paged|counseled",
        "by|today_by|again_by",
    )
    | _each("", "contacted|notified|paged|called|informed|phoned|texted|asked|emailed|per")
    | _each("accompanied|brought_in|driven_in|interviewed|translated|interpreted", "by")
    | _each("discussed|reviewed", "with|by_phone_with|at_length_with|today_with")
    | _each("d w|dw|divorced from|dating|separated from", "")
)
"""Before a person or a service: any capitalised word that is no service."""

VERBS = frozenset(
    _each(
        "seen|evaluated|examined|followed|managed|treated|cared_for|referred|consulted|assessed|counseled"
        "|recommended|notified"
        "|supported|raised|staffed|intubated|operated_on|delivered|placed|done|performed|found|called|paged|visited"
        "|discussed"
        "|cleared|admitted|discharged|prescribed|given|administered|drawn|checked|witnessed|confirmed|transported"
        "|diagnosed"
        "|repaired|removed|rendered|written|induced|accepted|requested|covered|told|informed",
        "by|today_by|here_by|initially_by|previously_by|recently_by|jointly_by",
    )
    | _each(
        "call|conference|meeting|appointment|appt|visit|followup|follow-up|follow_up|up|f_u|session|seen_in_clinic",
        "with|by",
    )
    | _each("communicated|coordinated|consulted|correspondence|agrees|agreed|arrangements|contact", "with")
    | _each("", _CLINICIANS)
    | _each("", _HELPERS)
    | _each(
        "",
        "care_of|c_o|attn|per|via|by|w|contacted|notified|paged|called|informed|asked|told|texted|phoned|emailed"
        "|thank|dear",
    )
    | _each(
        "",
        "rn|np|crna|lpn|cna|thanked|under|attending|patient|pt|client|boy|girl|baby|infant|nurse|officer|student"
        "|intern|saw|sees|seeing|see",
    )
    | _each("", "hi|hello|advised|instructed|met|visiting|counseled|updated|reminded|encouraged|reassured|named|aide")
)
"""Before a person or anything else: the lexicon decides."""

NAMED = frozenset(
    _each("names|name|nickname|first_name|last_name|full_name", "is|was|are")
    | _each("goes|went", "by")
    | _each("known|introduced_herself|introduced_himself|introduced_themselves|listed|addressed", "as")
    | _each(
        "",
        "named|called|aka|a_k_a|prefers_to_be_called|likes_to_be_called|is_called|nee|formerly|alias|is_named"
        "|was_named",
    )
)
SURE_NAMED = NAMED - {"called", "known as", "formerly", "listed as"}
INTRODUCED = frozenset(_each("my_name|this|i|it", "is|am|was")) | frozenset(
    _each("", _CLINICIANS + "|" + _HELPERS, "is")
)
INTRODUCED |= frozenset(
    f"{relative} {verb}" for relative in RELATIVES for verb in ("is", "named", "called", "is named", "was")
)

TITLES = word_set(
    """
    dr drs mr mrs ms miss mx messrs prof professor doctor rev reverend sgt sergeant officer capt captain
    """
)
TITLES |= word_set(
    """
    detective judge dame rabbi imam chaplain senor senora sra mme deputy lt attorney nurse sister pastor
    """
)
DOTTED_TITLES = word_set("dr drs mr mrs ms messrs prof rev sgt capt lt sra mme mx")
BARE_TITLES = word_set("dr drs mrs messrs prof professor mx mr ms miss")
"""Titles sure without a dot where they are not all capitals: MR is a scan, MS a disease, Sister and Nurse are words."""
WORD_TITLES = word_set("nurse sister doctor miss officer rev reverend detective sergeant pastor rabbi imam")
"""Titles that are words too: what follows must look like a surname."""

DEGREES = word_set(
    """
    md do rn np pa phd dds dmd dpm lpn lvn crna fnp aprn arnp agnp acnp anp dnp lcsw licsw lmsw msw lmft lpc pharmd rph
    dpt otr rrt rd rdn bsn msn cnm cna cns mbbs mbchb frcs facs facc facp facep frcp psyd emt mph esq od dc dvm pt ot ma
    rt slp cma ms bs crt rvt rdms rdcs lmhc cadc pa-c np-c fnp-c fnp-bc rn-c pgy
    """
)
WEAK_DEGREES = word_set("do pa pt ot ma rt slp ms bs dc od rd cns cna rn np pgy emt")
"""Degrees that are also tests, places, therapies or diseases: only after a comma or a known name."""

ACTS = word_set(
    """
    reports reported states stated says said denies denied notes noted called calls asked asks endorses endorsed
    complains agrees agreed verbalizes verbalized verbalised presents presented returns returned was is has had will
    lives works underwent tolerated remains continues understands expressed feels arrived came went requested declined
    recommended performed dictated signed did does wants admits believes mentioned stopped started missed fell died
    passed and who saw thinks felt takes took would appeared appears looks seems tells told recalls remembers explained
    visited phoned brought drove helped attended
    """
)
SAYS = word_set(
    """
    reports reported states stated says said denies denied endorses endorsed complains agrees agreed verbalizes
    verbalized understands expressed feels wants admits believes mentioned thinks felt tells told recalls remembers
    explained phoned lives works arrived asked asks
    """
)
"""What only persons do."""
TOLD = word_set("notified aware informed updated paged contacted")
"""What is done to staff."""
NEWBORNS = frozenset({"baby boy", "baby girl"})
STAFF = word_set("rn lpn lvn cna np crna")

LAST_WORDS = TITLES | frozenset(
    phrase.split()[-1]
    for phrases in (FIELDS, SOFT_FIELDS, BY, SIGN_OFFS, SURE_VERBS, VERBS, RELATIVES, NAMED, INTRODUCED)
    for phrase in phrases
)
"""The last word of every phrase: a quick look before a careful one."""
