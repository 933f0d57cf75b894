"""Plain words for medical ones, put beside them; never instead of them, because a quotation stays a quotation."""

import re
from collections.abc import Mapping

GLOSSARY: Mapping[str, str] = {
    "acute": "sudden or short-lived",
    "adverse": "unwanted",
    "analgesic": "painkiller",
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
    "dyspnea": "shortness of breath",
    "dysphagia": "trouble swallowing",
    "edema": "swelling from fluid",
    "embolism": "a clot that travelled",
    "erythema": "redness of the skin",
    "fibrillation": "fast, uneven beating",
    "gastrointestinal": "of stomach and gut",
    "gestation": "pregnancy",
    "gestational": "in pregnancy",
    "glucose": "sugar in the blood",
    "hematoma": "bruise",
    "hemorrhage": "bleeding",
    "hepatic": "of the liver",
    "hyperglycemia": "high blood sugar",
    "hyperlipidemia": "high blood fats",
    "hypertension": "high blood pressure",
    "hypoglycemia": "low blood sugar",
    "hypotension": "low blood pressure",
    "idiopathic": "of unknown cause",
    "incidence": "how often it newly occurs",
    "infarction": "tissue death from lack of blood",
    "inflammation": "the body's swelling and redness against harm",
    "intravenous": "into a vein",
    "ischemia": "too little blood supply",
    "lesion": "a damaged spot",
    "malignant": "cancerous",
    "metastasis": "spread of a cancer",
    "morbidity": "illness",
    "mortality": "deaths",
    "myocardial": "of the heart muscle",
    "neonatal": "of newborns",
    "nephropathy": "kidney disease",
    "neuropathy": "nerve damage",
    "neuropathic": "from damaged nerves",
    "nsaid": "painkiller of the ibuprofen kind",
    "nsaids": "painkillers of the ibuprofen kind",
    "oral": "by mouth",
    "palpitations": "a heartbeat one can feel",
    "pathogen": "germ",
    "placebo": "a dummy medicine",
    "platelet": "blood cell that helps clotting",
    "platelets": "blood cells that help clotting",
    "preeclampsia": "dangerous high blood pressure in pregnancy",
    "pre-eclampsia": "dangerous high blood pressure in pregnancy",
    "prevalence": "how common it is",
    "prognosis": "outlook",
    "prophylaxis": "prevention",
    "pruritus": "itching",
    "pulmonary": "of the lungs",
    "randomized": "decided by lot",
    "randomised": "decided by lot",
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
_WORDS = re.compile(r"\b(" + "|".join(sorted(map(re.escape, GLOSSARY), key=len, reverse=True)) + r")\b", re.I)


def explained(text: str) -> str:
    """Return the text with a plain word in brackets after the first use of each medical one."""
    seen: set[str] = set()

    def beside(found: re.Match[str]) -> str:
        word = found[0].lower()
        if word in seen or text[found.end() : found.end() + 2] == " (":
            return found[0]
        seen.add(word)
        return f"{found[0]} [{GLOSSARY[word]}]"

    return _WORDS.sub(beside, text)
