"""What a medicine may be called: its kind, a well-known name, or the ending its family shares. A pattern, no more.

Made to notice that a sentence speaks of a medicine, not to name every one; knows nothing of what is done with it.
"""

KINDS = (
    r"medicines?|medications?|meds|pills?|tablets?|capsules?|drugs?|antidepressants?|antibiotics?|steroids?|"
    r"blood[ -]thinners?|beta[ -]?blockers?|antipsychotics?|antihistamines?|antacids?|anticonvulsants?|painkillers?|"
    r"opioids?|statins?|benzodiazepines?|diuretics?|contraceptives?|inhalers?|NSAIDs?|SSRIs?|chemo(?:therapy)?"
)
# Longer endings than "-ine" alone: a routine, a vaccine, wine and migraine are no medicines.
_ENDINGS = (
    r"pril|sartan|statin|olol|prazole|onazole|idazole|xetine|traline|faxine|voxamine|apine|azepine|azine|triptyline|"
    r"pramine|tadine|tidine|nidine|rizine|roxyzine|thyroxine|thyronine|mantine|otrigine|phylline|"
    r"thioprine|chicine|codeine|morphine|norphine|caine|roquine|phrine|phedrine|azolam|azepam|pidem|piclone|mycin|"
    r"micin|cillin|cycline|floxacin|clovir|tamivir|navir|buvir|tinib|zumab|ximab|limumab|gliptin|gliflozin|glutide|"
    r"glitazone|formin|xaban|gatran|parin|grel|dronate|profen|fenac|oxicam|coxib|nisone|nisolone|asone|sonide|terol|"
    r"tropium|lukast|triptan|setron|thiazide|semide|dipine|zosin|barbital|bital|gabalin|codone|morphone|"
    r"zodone|amphetamine|phenidate|tretinoin|pristone|steride|pram|piprazole|idone"
)
_NAMES = (
    r"aspirin|paracetamol|codeine|morphine|thyroxine|acetaminophen|naproxen|warfarin|heparin|insulin|lithium|valpro(?:ate|ic)|phenytoin|digoxin|"
    r"amiodarone|spironolactone|methotrexate|tamoxifen|methadone|fentanyl|tramadol|gabapentin|tapentadol|bupropion|topiramate|levetiracetam|aripip\w+|"
    r"haloperidol|metronidazole|nitrofurantoin|trimethoprim|nitroglycerin|sildenafil|tadalafil|thalidomide|naltrexone|"
    r"finasteride|estrogen|oestrogen|progesterone|testosterone|hydroxyurea|cyclosporine?|tacrolimus|clopidogrel|"
    r"ozempic|wegovy|prozac|zoloft|xanax|lexapro|paxil|cymbalta|effexor|seroquel|lamictal|eliquis|xarelto|plavix|"
    r"coumadin|lipitor|crestor|adderall|ritalin|concerta|synthroid|tylenol|advil|motrin|aleve|nurofen|calpol|viagra|cialis|"
    r"accutane|roaccutane|valium|ativan|klonopin|ambien|lasix|lyrica|neurontin|nexium|prilosec|zyrtec|claritin|benadryl"
)
MEDICINE = rf"(?:{KINDS}|{_NAMES}|(?!cholesterol)\w{{2,20}}(?:{_ENDINGS}))s?"
"""To be put between word boundaries."""

REMEDY = (
    rf"(?:{MEDICINE}|alcohol|wine|beer|coffee|caffeine|grapefruit|cannabis|cbd|melatonin|ginkgo|ginseng|turmeric|"
    r"curcumin|ginger|garlic|echinacea|valerian|liquorice|licorice|st\.? john['’]?s wort|vitamins?|supplements?|iron|"
    r"zinc|calcium|magnesium|potassium|fish oil|omega-?3|nitrates?)"
)
"""A medicine, or what is taken beside one and may act on it."""
