"""States, larger cities and countries, and how a place's name is written. Knows nothing of addresses or facilities."""

import re
from functools import cache

from tasks.phi import word_set

STATES = (
    "Alabama|Alaska|Arizona|Arkansas|California|Colorado|Connecticut|Delaware|Florida|Georgia|Hawaii|Idaho|Illinois"
    "|Indiana"
    "|Iowa|Kansas|Kentucky|Louisiana|Maine|Maryland|Massachusetts|Michigan|Minnesota|Mississippi|Missouri|Montana"
    "|Nebraska"
    "|Nevada|New Hampshire|New Jersey|New Mexico|New York|North Carolina|North Dakota|Ohio|Oklahoma|Oregon|Pennsylvania"
    "|Rhode Island|South Carolina|South Dakota|Tennessee|Texas|Utah|Vermont|Virginia|Washington|West Virginia|Wisconsin"
    "|Wyoming|Puerto Rico|Ontario|Quebec|D\\.C\\.|British Columbia|Alberta|Manitoba|Saskatchewan|Nova Scotia"
)
CODES = (
    "AL|AK|AZ|AR|CA|CO|CT|DE|FL|GA|HI|IA|ID|IL|IN|KS|KY|LA|MA|MD|ME|MI|MN|MO|MS|MT|NC|ND|NE|NH|NJ|NM|NV|NY|OH|OK|OR"
    "|PA|RI"
    "|SC|SD|TN|TX|UT|VA|VT|WA|WI|WV|WY|DC|PR|ON|QC|BC|AB"
)
PLAIN_CODES = "AK|AZ|FL|IA|IL|KS|KY|MN|NH|NJ|NM|NV|NY|OH|TN|TX|UT|WI|WV|WY"
"""State codes that are no credential, no abbreviation of a disease, a scan or a word."""

CITIES = (
    "New York City|New York|NYC|Los Angeles|Chicago|Houston|Phoenix|Philadelphia|San Antonio|San Diego|Dallas"
    "|San Jose|Austin|"
    "Jacksonville|Fort Worth|Columbus|Indianapolis|Charlotte|San Francisco|Seattle|Denver|Boston|Nashville|Baltimore"
    "|Oklahoma City|"
    "Portland|Las Vegas|Milwaukee|Albuquerque|Tucson|Fresno|Sacramento|Mesa|Kansas City|Atlanta|Omaha"
    "|Colorado Springs|Raleigh|"
    "Miami|Long Beach|Virginia Beach|Oakland|Minneapolis|Tulsa|Tampa|Arlington|New Orleans|Wichita|Cleveland"
    "|Bakersfield|Aurora|"
    "Anaheim|Honolulu|Santa Ana|Riverside|Corpus Christi|Lexington|Stockton|St\\. Louis|Saint Louis|St\\. Paul"
    "|Saint Paul|"
    "Cincinnati|Pittsburgh|Greensboro|Anchorage|Plano|Lincoln|Orlando|Irvine|Newark|Toledo|Durham|Chula Vista"
    "|Fort Wayne|"
    "Jersey City|St\\. Petersburg|Laredo|Buffalo|Madison|Lubbock|Chandler|Scottsdale|Reno|Glendale|Norfolk"
    "|Winston-Salem|"
    "Chesapeake|Fremont|Baton Rouge|Richmond|Boise|San Bernardino|Spokane|Birmingham|Rochester|Des Moines|Modesto"
    "|Fayetteville|"
    "Tacoma|Worcester|Providence|Hartford|Springfield|Syracuse|Albany|Brooklyn|Queens|Bronx|Manhattan|Staten Island"
    "|Harlem|"
    "Cambridge|Salem|Savannah|Charleston|Knoxville|Chattanooga|Memphis|Louisville|Detroit|Ann Arbor|Grand Rapids"
    "|Dayton|Akron|"
    "Salt Lake City|El Paso|Galveston|Waco|Santa Fe|Palo Alto|Berkeley|San Juan|Toronto|Montreal|Vancouver|Ottawa"
    "|Calgary|"
    "London|Manchester|Liverpool|Leeds|Glasgow|Edinburgh|Cardiff|Belfast|Dublin|Paris|Berlin|Munich|Madrid|Barcelona"
    "|Rome|Milan|"
    "Lisbon|Moscow|Kyiv|Warsaw|Athens|Istanbul|Cairo|Lagos|Nairobi|Addis Ababa|Johannesburg|Cape Town|Accra|Kampala"
    "|Mogadishu|"
    "Tehran|Baghdad|Damascus|Beirut|Riyadh|Dubai|Karachi|Lahore|Mumbai|Delhi|New Delhi|Bangalore|Bengaluru|Chennai"
    "|Hyderabad|"
    "Kolkata|Dhaka|Kathmandu|Bangkok|Hanoi|Ho Chi Minh City|Saigon|Manila|Jakarta|Singapore|Hong Kong|Shanghai"
    "|Beijing|Seoul|"
    "Tokyo|Osaka|Sydney|Melbourne|Auckland|Mexico City|Guadalajara|Tijuana|Havana|San Salvador|Santo Domingo"
    "|Port-au-Prince|"
    "Kingston|Bogota|Bogotá|Lima|Quito|Caracas|Santiago|Buenos Aires|Rio de Janeiro|Sao Paulo|São Paulo"
)
LANDS = word_set(
    """
    mexico canada india china japan korea vietnam philippines england scotland ireland wales france germany italy spain
    portugal poland russia ukraine greece turkey iran iraq syria lebanon israel egypt nigeria kenya ethiopia somalia
    ghana uganda africa europe asia america usa us uk haiti cuba jamaica guatemala honduras salvador nicaragua panama
    colombia venezuela ecuador peru chile argentina brazil dominican republic pakistan bangladesh afghanistan nepal
    thailand cambodia laos burma myanmar indonesia malaysia singapore australia zealand cape verde eritrea sudan liberia
    sierra leone congo cameroon senegal morocco algeria tunisia albania bosnia croatia serbia romania bulgaria hungary
    austria switzerland netherlands belgium sweden norway denmark finland iceland estonia latvia lithuania armenia
    georgia kazakhstan taiwan hong kong abroad overseas medicine
    """
)

WORD = r"[A-Z][\w'’-]{0,24}"
TITLED = rf"(?:(?:St|Ft|Mt)\. )?{WORD}(?: (?:(?:de|la|of|the|del|las|los|upon|on|du|le) ){{0,2}}{WORD}){{0,2}}"

ZIP = r"(?:\d{5,6}(?:-\d{4})?|[A-Z]{1,2}\d[A-Z\d]? \d[A-Z]{2}|[A-Z]\d[A-Z] ?\d[A-Z]\d)(?![\w])"

PLACES = LANDS | frozenset(name.lower() for name in f"{STATES}|{CITIES}".split("|"))
"""States, countries and cities: many are surnames and given names as well."""


@cache
def _cities() -> re.Pattern[str]:
    return re.compile(rf"(?:{CITIES})", re.IGNORECASE)


def known_city(name: str) -> bool:
    """Return whether the name is that of one of CITIES."""
    return _cities().fullmatch(name) is not None
