"""Plain words for medical ones, put beside them; never instead of them, because a quotation stays a quotation."""

import re
from collections.abc import Mapping

GLOSSARY: Mapping[str, str] = {
    "acute": "sudden or short-lived",
    "adverse": "unwanted",
    "anaemia": "too few red blood cells",
    "analgesic": "painkiller",
    "anemia": "too few red blood cells",
    "anticoagulant": "medicine that slows blood clotting",
    "arrhythmia": "uneven heartbeat",
    "atherosclerosis": "narrowing of the blood vessels by fatty deposits",
    "benign": "not cancer",
    "bradycardia": "slow heartbeat",
    "carcinoma": "a kind of cancer",
    "cardiovascular": "of heart and blood vessels",
    "cerebrovascular": "of the brain's blood vessels",
    "chronic": "long-lasting",
    "contraindicated": "not to be used",
    "diastolic": "between heartbeats",
    "dysphagia": "trouble swallowing",
    "dyspnea": "shortness of breath",
    "dyspnoea": "shortness of breath",
    "edema": "swelling from fluid",
    "embolism": "a clot that travelled",
    "erythema": "redness of the skin",
    "fibrillation": "fast, uneven beating",
    "gastrointestinal": "of stomach and gut",
    "gestation": "pregnancy",
    "gestational": "in pregnancy",
    "glucose": "sugar in the blood",
    "haematoma": "bruise",
    "haemorrhage": "bleeding",
    "hematoma": "bruise",
    "hemorrhage": "bleeding",
    "hepatic": "of the liver",
    "hyperglycaemia": "high blood sugar",
    "hyperglycemia": "high blood sugar",
    "hyperlipidaemia": "high blood fats",
    "hyperlipidemia": "high blood fats",
    "hypertension": "high blood pressure",
    "hypoglycaemia": "low blood sugar",
    "hypoglycemia": "low blood sugar",
    "hypotension": "low blood pressure",
    "idiopathic": "of unknown cause",
    "incidence": "how often it newly occurs",
    "infarction": "tissue death from lack of blood",
    "inflammation": "the body's swelling and redness against harm",
    "intravenous": "into a vein",
    "ischaemia": "too little blood supply",
    "ischemia": "too little blood supply",
    "lesion": "a damaged spot",
    "malignant": "cancerous",
    "metastasis": "spread of a cancer",
    "morbidity": "illness",
    "mortality": "deaths",
    "myocardial": "of the heart muscle",
    "neonatal": "of newborns",
    "nephropathy": "kidney disease",
    "neuropathic": "from damaged nerves",
    "neuropathy": "nerve damage",
    "nsaid": "painkiller of the ibuprofen kind",
    "nsaids": "painkillers of the ibuprofen kind",
    "oedema": "swelling from fluid",
    "oral": "by mouth",
    "palpitations": "a heartbeat one can feel",
    "pathogen": "germ",
    "placebo": "a dummy medicine",
    "platelet": "blood cell that helps clotting",
    "platelets": "blood cells that help clotting",
    "pre-eclampsia": "dangerous high blood pressure in pregnancy",
    "preeclampsia": "dangerous high blood pressure in pregnancy",
    "prevalence": "how common it is",
    "prognosis": "outlook",
    "prophylaxis": "prevention",
    "pruritus": "itching",
    "pulmonary": "of the lungs",
    "randomised": "decided by lot",
    "randomized": "decided by lot",
    "renal": "of the kidneys",
    "sepsis": "the body's dangerous reaction to an infection",
    "syncope": "fainting",
    "systolic": "while the heart beats",
    "tachycardia": "fast heartbeat",
    "thrombosis": "a blood clot",
    "topical": "put on the skin",
    "trimester": "third of a pregnancy",
    "vertigo": "a spinning feeling",
}
# Not after a hyphen, where a word may be turned round ("non-benign"); oral cancer is not taken by mouth.
_WORDS = re.compile(
    r"(?<![\w-])("
    + "|".join(sorted(map(re.escape, GLOSSARY), key=len, reverse=True))
    + r")\b(?!(?<=oral)[ -](cancers?|thrush|hygiene|surgery|surgeon|health|mucosa\w*|cavity|ulcers?|lesions?|herpes))",
    re.I,
)


def explained(text: str) -> str:
    """Return the text with a plain word in brackets after the first use of each medical one."""
    seen: set[str] = set()

    def beside(found: re.Match[str]) -> str:
        word = found[0].lower()
        if word in seen or text[found.end() : found.end() + 2] in (" (", " ["):
            return found[0]
        seen.add(word)
        return f"{found[0]} [{GLOSSARY[word]}]"

    return _WORDS.sub(beside, text)
