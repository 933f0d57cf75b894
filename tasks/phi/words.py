"""The words the de-identifier knows: which are never names, which are names and words at once, which only look it.

Plain sets, all lower-case, written by hand. Personal names themselves are not here: they come from the Faker package
(`names.py`). Knows nothing of how a text is searched.
"""

from tasks.phi import word_set

FUNCTION = word_set(
    """
    a an the this that these those there here he she it they we you i me him them us his her hers its their our your my
    who whom whose which what when where why how if then else and or nor but so yet for of in on at by to from with
    without within into onto over under after before during since until till through throughout between among about
    above below against per via as than up down out off near around along across behind beyond upon toward towards is
    are was were be been being am has have had having do does did done can could may might must shall should will would
    not no yes none never ever always also only just still again once twice now later today tomorrow yesterday tonight
    all any both each either neither every few more most much many some such other another same own very too because
    although though while whereas however therefore thus otherwise moreover furthermore additionally please thank thanks
    sincerely regards hello hi dear cc re attn ie eg etc nil na tbd unknown unavailable deceased alive said says say
    states stated reports reported denies denied notes noted called calls told asked complains hosp gp
    """
)
"""Words that no name holds, not even after a title."""

CLINICAL = word_set(
    """
    patient patients pt pts client resident subject mother father brother sister son daughter wife husband spouse
    partner family parents parent mom dad siblings sibling child children grandmother grandfather aunt uncle cousin
    friend neighbor neighbour caregiver guardian baby infant male female man woman boy girl gentleman lady adult elderly
    doctor physician provider surgeon attending intern fellow nurse nursing staff team consultant consult consulting
    assistant anesthesiologist radiologist pathologist therapist counselor pharmacist technician tech technologist
    practitioner specialist supervisor director chief manager coordinator interpreter translator worker case social
    services service care primary secondary referring admitting ordering covering oncall on-call house officer medical
    medicine surgery surgical clinic clinical hospital center centre office department dept unit ward floor room bed
    suite emergency er ed icu micu sicu nicu ccu pacu pcu or outpatient inpatient home facility rehab rehabilitation
    hospice laboratory lab labs radiology imaging pathology pharmacy cardiology neurology nephrology gastroenterology
    pulmonology pulmonary endocrinology oncology hematology rheumatology dermatology urology gynecology obstetrics
    psychiatry psychology pediatrics geriatrics orthopedics orthopaedics ortho neurosurgery ophthalmology otolaryngology
    ent podiatry anesthesia anesthesiology palliative podiatrist neonatal perinatal trauma transplant vascular cardiac
    cardiothoracic thoracic renal hepatic gastric general internal plastic infectious disease diseases speech
    occupational physical therapy wound pain sleep diet dietary nutrition dental dentistry administration records
    billing insurance medicare medicaid history hx hpi pmh psh ros complaint complaints present illness past allergies
    allergy medications medication meds review systems system exam examination assessment plan impression diagnosis
    diagnoses procedure procedures operation operative preoperative postoperative findings indication indications
    technique description specimen specimens complications condition conditions disposition discharge admission admitted
    discharged transfer transferred followup follow-up follow summary report note progress date time dictated
    transcribed signed electronically reviewed name names age sex gender race dob ssn mrn address acct phone fax email
    number account record chart visit encounter status stable normal abnormal negative positive unremarkable significant
    noncontributory mild moderate severe acute chronic recurrent bilateral left right upper lower anterior posterior
    lateral medial superior inferior proximal distal deep superficial heart lung lungs chest abdomen abdominal pelvis
    pelvic head neck back spine skin eyes ears nose throat mouth face hand foot leg arm hip knee ankle shoulder wrist
    elbow brain liver kidney bladder bowel colon stomach breast uterus prostate thyroid extremities vital vitals signs
    blood pressure pulse temperature weight height respirations oxygen neuro neurologic neurological psychiatric psych
    cardiovascular respiratory gastrointestinal genitourinary musculoskeletal endocrine hematologic constitutional heent
    alcohol tobacco smoking smoker drug drugs drinks married single divorced widowed separated retired employed
    unemployed lives works well good fair poor alert awake oriented comfortable appropriate pleasant healthy obese
    diabetes hypertension asthma cancer stroke fever cough nausea headache fatigue weakness dizziness anxiety depression
    infection pneumonia fracture tumor mass lesion injury shock arrest failure syndrome disorder test tests result
    results culture cultures scan xray x-ray ultrasound mri ct cxr ekg ecg echo echocardiogram dose tablet tablets
    capsule daily weekly monthly morning evening night noon midnight week weeks month months year years day days hour
    hours minutes january february march april may june july august september october november december monday tuesday
    wednesday thursday friday saturday sunday jan feb mar apr jun jul aug sep sept oct nov dec mon tue tues wed thu thur
    thurs fri sat sun spring summer autumn fall winter continue continued start started stop stopped hold held given
    gave give take taken took increase increased decrease decreased return returned check checked monitor monitored call
    contact refer referred discuss discussed recommend recommended schedule scheduled see seen evaluate evaluated treat
    treated obtain obtained perform performed consider consulted notified informed aware agree agrees verbalized
    consented consent risks benefits options questions total high low new old large small current currently previous
    previously prior final initial first second third fourth last next early late long short full code dnr dni comfort
    advance directive directives proxy power attorney living american african caucasian hispanic asian white black
    english spanish french german chinese vietnamese russian arabic portuguese korean japanese italian polish hindi
    mandarin cantonese haitian creole catholic jewish muslim christian buddhist hindu protestant native state states
    county city street avenue road north south east west united america national international regional community
    memorial university college school institute foundation vitamin calcium iron sodium potassium aspirin insulin
    heparin warfarin coumadin lasix tylenol motrin advil aleve plavix lipitor zocor crestor lisinopril metformin
    prednisone vicodin percocet morphine dilaudid fentanyl versed ativan valium xanax zoloft prozac paxil lexapro celexa
    synthroid protonix nexium prilosec zantac pepcid colace keflex cipro levaquin bactrim flagyl augmentin zosyn
    vancomycin rocephin ancef albuterol advair lantus humalog vicryl monocryl prolene marcaine lidocaine xylocaine
    betadine dermabond kerlix bovie steri-strips strips gelfoam surgicel allergan medtronic olympus covid flu alzheimer
    alzheimers parkinson parkinsons crohn crohns hodgkin apgar apgars glasgow doppler foley holter babinski romberg gram
    pap list problem problems reason referral recommendation recommendations education teaching instructions counseling
    counselling labor delivery bleeding swelling redness drainage estimated loss none fluids urine output input sponge
    needle counts correct sample anonymous confidential page end pending limited complete completed active inactive
    attached enclosed group associates section division program protocol study trial grade stage type class level score
    scale index rate ratio range volume size length motor sensory reflexes gait tone strength coordination cranial nerve
    nerves mood affect judgment insight thought memory orientation attention sincerely respectfully yours truly best
    warm kind regards hyperlipidemia anemia copd chf cad gerd osteoarthritis arthritis urgent routine stat prn bid tid
    qid mg ml mcg po iv im sq sr xr jr rhythm
    """
)
"""Words often capitalised in notes that are not names unless a title or a first name stands right before them."""

CLINICAL_ENDINGS = tuple(
    word_set(
        """
    ology ologist itis osis emia aemia ectomy otomy ostomy opathy oscopy oplasty ography ogram uria algia plegia phasia
    phagia pnea cardia tension trophy sclerosis oma ation ition ution ment ness ically iatric iatrics iatrist ician pril
    sartan olol statin azole cillin mycin cycline oxacin azepam dipine parin mab tinib gliptin triptyline prazole setron
    caine codone profen vir tomy gram graphy scopy sion tions ing ly tive tic ical ular eous
    """
    )
)
"""How clinical words end; a capitalised unknown word ending so is no name."""

GIVEN_OR_WORD = word_set(
    """
    will may mark rose grace faith hope joy dawn summer autumn april june august frank bill rob pat gene iris violet ray
    penny jack dale glen grant guy miles max nick wade lance carol christian charity star sandy rusty sunny angel
    crystal amber ruby pearl jade ginger olive basil virginia georgia carolina florence paris austin dallas jordan
    israel chad troy madison charlotte savannah sierra brooklyn chelsea sydney victoria adelaide houston holly ivy
    heather hazel daisy lily myrtle fern sage reed cliff clay rock stone chase drew art gay mercy constance prudence
    patience felicity melody harmony destiny trinity heaven precious princess prince duke earl baron king queen major
    junior bud buddy chip dusty skip rich hunter mason cooper carter tanner taylor parker page tyler bishop deacon abbot
    noble ernest earnest wolf robin jay birdie wren phoenix lane forest brook brooke river sky skye misty stormy rain
    sterling dean judge curt randy gale kitty bunny peg buck don johns al ed van von del lee an my mai see chance cherry
    candy honey sugar coral opal garnet diamond aurora flora alba aura delta alta linda rod nat sunday monday wednesday
    tuesday friday mars jewel jesus dot ward foster lacey rocky roman norman dick cord barb hale ace sonny storm blaze
    dash kit flip bo gray grey blue scarlet lavender angelica marina marine china asia india kenya eden genesis journey
    legend messiah royal saint santa york washington lincoln cleveland jackson denver aspen vienna verona italia america
    ireland france camille ariel allegra yasmin portia tempest blanche
    """
)
"""Given names that are also words or places: a name only beside a surname, a title or a relation."""

NAME_AND_WORD = word_set(
    """
    made male female general per ray case oral long cord colon can line brain branch canal less man red little pleasant
    us gauge floor tone early said baby beta unknown lot pink infant vena sister reason media rim arch young doctor
    minor true roll trace min lady son job walker constant nail burr green carina brown add gurney ridge ever echo tan
    bent ties tiny gun cap fed chin comfort else wash friend valves burns wing carry among till maximus valid lean beat
    silver hymen jail winter tab worth harm ala sad neo press sole buster bee carmine hence pearly rice jet lies alfa
    fares corona peer essence theta boss melanine hemi paw golden mile mal hung antero kick mat unique veer magna sera
    cash cal hasta primus toy dimple ab french sep doll bell ester orange ether evert gang rosette lemon mare ping reno
    concha iridian dian burney bas elder lei ole tri sing carma peace villi shade blanch fem tex tea ion seda mate basel
    park pastor loes love math were she he room day back good small weeks clear more wall foot post low white kidney
    lung deep hand each block close sharp field way put pole short ring silk fall date gross best de too fields cross
    power seven supple hook roots fair soon black strong canals walls car bones palm house fresh cases lips ball real
    kind must gut list read glasses glass bite freely bright horn holder parts hurt marks pop company chambers key law
    lie bare drum lata carrier peri street doppler bridge cook tack guard asks mallet bath beer rust ware sales pons
    church lucid sun story neu hammer warmer smart hood comment pilon pap bonnet mall parent grand solar mater roux kink
    wise hoop bore bridges plana goblet porta kiss cousin tank dada hay pan pages cisterna endo junk waters priest bull
    carpenter pace salmon forget odds ruddy cocci cousins stack menton abate barber mets farmer stern leu gravel lees
    blot stock beard fondo jacks carton oak tailor petit fan loos cant renders moles bean vial barba bills singer woods
    hill hills rivers banks steel miller baker fox bird crane swan lamb hawk finch peacock drake crow moon snow frost
    rains winters summers week knight pope cannon archer bowman forester gardener hope money price cost blunt crisp
    swift speed quick noble savage wild bliss blood bone body face head hands heart leg arms english irish german spain
    holland england ireland wales poland rome mexico london paris berlin nile ganges ba na no ha hu ma mu ng ni si so su
    ta to tu wu xi ye yi yu jo di do la le lo van ven sal par pal nor och del dos das der den and sons new old mini
    major rest rose patient santa cruz santiago marina plaza rio mesa luna sol sierra dia sala villa casa campo torre
    guido ana ida ira lea pia lia tia nia sia una gay paz mina aloe angeles nieves consuelo socorro remedios pilar
    amparo rosario soledad uma camp grant sands stamm staff star starr stiles states sweet toe toes town vein vent waste
    watch wax web west wind winner wink wood yard york zone murphy cushing marshall edwards kelly jackson adams cooper
    hunter hodgkin charcot graves down marfan rex gill mayo weber pratt barrett bishop duke webb potts blake hess burch
    harris hall hartmann nissen miles gleason bard bruce phelps allison clark ford gray jude luke owen bryan mason
    schmidt smith bowen lane ross rocky cordis zimmer stryker baxter abbott lilly roche merck wyeth bayer sandoz novo
    omni carpentier vit celesta desire side flovent candida palmar zeta genesis perla agar eye eyes ted maverick doyle
    willis louie erich hank caspar glover columbia christ jesus dolorous mentor alpha gamma delta sigma omega marsa ulla
    kasai over counter opus ahmed-valve nadia-valve police morton kling fundi basic magic begin stout kemp koch fournier
    mueller atkins labbe munro treves capstone limousines
    """
)
"""Surnames and rare given names that are also words, places, eponyms or makers: never a name by themselves."""

EPONYMS = word_set(
    """
    parkinson alzheimer crohn hodgkin apgar glasgow doppler foley holter babinski romberg gram pap bovie penrose kocher
    metzenbaum debakey trendelenburg hickman swan ganz veress hasson seldinger pfannenstiel adson allis babcock kerrison
    weck steri vicryl penfield leksell esmarch webril bookwalter balfour richardson deaver army navy heaney judkins
    amplatz kirschner steinmann hartmann whipple billroth nissen fontan blalock taussig glenn norwood ross bental
    bentall tinel phalen lachman mcmurray homan homans kernig brudzinski murphy mcburney rovsing psoas blumberg chvostek
    trousseau virchow sister ludwig wernicke korsakoff korsakov broca huntington tourette guillain barre barré graves
    hashimoto addison cushing conn sheehan sjogren sjögren raynaud behcet behçet kawasaki wegener goodpasture berger
    alport fanconi wilms ewing kaposi burkitt paget barrett zenker meckel hirschsprung mallory weiss boerhaave peyronie
    baker colles smith jones lisfranc charcot tooth bell bells down turner klinefelter marfan ehlers danlos tay sachs
    gaucher niemann pick wilson gilbert crigler najjar dubin johnson rotor hunter hurler fabry pompe von willebrand reed
    sternberg waldenstrom ebstein fallot eisenmenger wolff white brugada takotsubo mobitz wenckebach kussmaul cheyne
    stokes biot osler janeway roth austin flint steell korotkoff valsalva snellen ishihara rinne weber schirmer amsler
    goldmann schiotz weil felix tzanck wright giemsa wood mantoux schilling coombs ham bunnell finkelstein ortolani
    barlow galeazzi spurling hawkins neer speed yergason dupuytren peyer langerhans bartholin skene cowper douglas
    morrison treitz oddi vater scarpa camper gerota cooper poupart hesselbach calot gleason bethesda fuhrman breslow
    clark duke dukes nottingham karnofsky zubrod child pugh ranson balthazar killip framingham wells geneva braden
    norton morse katz barthel rankin fisher hess beck hamilton zung wechsler rorschach montreal boston rey epworth
    mallampati cormack lehane bishop tanner ballard silverman dubowitz friedewald cockcroft gault fick bohr starling
    frank henle loop bowman malpighi purkinje schwann ranvier golgi mayo kelly crile halsted kelman mohs lamaze leopold
    naegele braxton hicks mcroberts mcdonald shirodkar heimlich sellick bier miller macintosh magill tuohy quincke huber
    hohmann cobb gelpi weitlaner senn robinson jackson pratt blake malecot yankauer dobhoff levin salem sump blakemore
    minnesota sengstaken hemovac jendrassik hoffman hoffmann clonus lhermitte uhthoff argyll robertson horner adie
    ramsay hunt bitot
    """
)
"""Persons after whom something clinical is called: by themselves not a person in the note."""

EPONYM_HEADS = word_set(
    """
    disease diseases syndrome syndromes sign signs test tests testing catheter catheters forceps clamp clamps retractor
    retractors drain drains suture sutures stitch stitches procedure procedures operation fracture fractures node nodes
    cell cells body bodies fever palsy paralysis esophagus oesophagus contracture contractures phenomenon maneuver
    manoeuvre position scale scales score scores criteria criterion classification grade grading stage staging stages
    tumor tumour tumors lymphoma sarcoma carcinoma ulcer ulcers hernia pouch cyst cysts gland glands duct canal ligament
    tendon fascia fossa angle line lines tube tubes needle needles stain staining reaction reflex triad pulse murmur
    respiration respirations breathing lesion lesions spots spot rings ring nails scissors scissor blade knife elevator
    rongeur rongeurs curette curet curettes cannula dilator dilators speculum laryngoscope prep solution dressing
    dressings bandage splint brace collar sling walker frame table pin pins wire wires nail plate plates screw screws
    rod rods staple stapler graft flap patch valve filter pump monitor monitoring index equation formula protocol
    regimen technique method approach incision repair closure anastomosis thyroiditis arthritis chorea ataxia dystrophy
    anemia encephalopathy aphasia area point space plexus dementia ophthalmopathy edition inventory questionnaire exam
    examination nevus melanoma purpura granulomatosis contraction contractions hemorrhage ray rays unit units scan study
    signal ultrasound ultrasonography manometry type variant tetralogy hooks hook bulldog trocar port balloon implant
    implants prosthesis stent stents lens device guide guidewire system sheath introducer bag mask airway scope
    headholder holder tourniquet strips strip medium agar smear forcep tenaculum sound osteotomy fusion arthroplasty
    pessary laser lamp gag clip clips gangrene fat triangle spatula shaver grommet muscle diet diets bobbin stirrups
    organization roll band gutter membrane organism culture apparatus drip chart plot curve law effect deformity nodules
    nodule tophi hallucinations lymphadenitis
    """
)
"""What follows an eponym: `Murphy sign`, `Foley catheter`."""

ROLES = word_set(
    """
    advocate aide anaesthetist anesthetist assessor auditor bell call checks clerk educator examiner exams hotline lead
    leader led lift liaison line midwife navigator notes parade prescriber run ship ships ships shopping specialist
    specialists student students triage visit visitor visits
    """
)
"""What follows `Nurse`, `Sister` or `Doctor` where they are words: `Nurse Educator`, `Doctor Visit`."""

SPECIES = word_set(
    """
    albicans aureus avium baumannii bovis burgdorferi burnetii catarrhalis cereus cloacae coli diff difficile
    diphtheriae epidermidis faecalis faecium falciparum fib flutter fumigatus gonorrhoeae influenzae jejuni jirovecii
    line lines malariae marcescens meningitidis mirabilis monocytogenes neoformans pallidum pertussis pestis pneumoniae
    pneumophila psittaci pylori pyogenes strep tetani trachomatis tuberculosis typhi vaginalis vaginitis vivax vulgaris
    """
)
"""What follows a capital with a dot and is no surname: `E. Coli`, `C. Diff`, `A. Fib`."""

PILLS = word_set("camila errin heather nikki syeda zarah hailey yasmin portia elinest apri")
"""Contraceptives that are given names: a medicine where how often it is taken follows."""

PARTICLES = word_set(
    """
    de la las los del della di da dos das do du le van von der den ter ten bin ibn al el st y e san
    """
)

GENERIC_PLACES = (
    FUNCTION
    | CLINICAL
    | word_set(
        """
    outside local nearby another community general regional city district county public private teaching day field
    psychiatric women's women’s children's children’s women veterans free walk-in walk infusion weight travel memory
    fertility sexual behavioral mental occupational student employee maternal prenatal ambulatory tertiary referring
    receiving long-term skilled elementary middle preschool nursery graduate law grade boarding birth burn dialysis
    surgicenter specialty subspecialty multispecialty anticoagulation device pacemaker lipid diabetic allied global
    population men pediatric adolescent geriatric veterinary dental retail mail mail-order institute major critical
    access level academic affiliated university's alternative trade vocational technical art beauty bible sunday online
    homeless group foster opioid methadone suboxone detox urgent express preoperative preadmission postoperative
    continuity faculty vascular diagnostic commercial reference independent assisted board safe happy healing better
    improved physical spiritual emotional reproductive bone gut overall excellent recovery operating intensive
    postanesthesia anesthesia post angio endoscopy transitional special newborn recheck hospitalist orthopedic
    colorectal combined wheelchair cornea maintenance additional brief predischarge cath catheterization step-down
    stepdown observation holding interventional electrophysiology ep gi ob gyn neurosurgical surgical-trauma coronary
    cardiac telemetry labor well-baby residential treatment collaborative early provincial central metabolic basic world
    digestive maxillofacial oral burns sports sample model eye rapid healthcare current existing tertiary-care base
    big-box chain grocery drug specialty-care movement spasticity dysplasia thyroid joint bariatric concussion refugee
    tb hiv std sti ent ms ra copd chf a-fib afib inr pt ot md va's breast-care
    """
    )
)
"""Words that any facility may bear: by themselves they name none."""
