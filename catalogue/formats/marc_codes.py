"""The codes of MARC for languages and countries, and what these are called here. Plain tables."""

# ISO 639-1, then the code that MARC has for it (ISO 639-2/B); the last ones are codes that MARC has given up.
_LANGUAGES = (
    "aa:aar ab:abk ae:ave af:afr ak:aka am:amh an:arg ar:ara as:asm av:ava ay:aym az:aze ba:bak be:bel bg:bul "
    "bh:bih bi:bis bm:bam bn:ben bo:tib br:bre bs:bos ca:cat ce:che ch:cha co:cos cr:cre cs:cze cu:chu cv:chv "
    "cy:wel da:dan de:ger dv:div dz:dzo ee:ewe el:gre en:eng eo:epo es:spa et:est eu:baq fa:per ff:ful fi:fin "
    "fj:fij fo:fao fr:fre fy:fry ga:gle gd:gla gl:glg gn:grn gu:guj gv:glv ha:hau he:heb hi:hin ho:hmo hr:hrv "
    "ht:hat hu:hun hy:arm hz:her ia:ina id:ind ie:ile ig:ibo ii:iii ik:ipk io:ido is:ice it:ita iu:iku ja:jpn "
    "jv:jav ka:geo kg:kon ki:kik kj:kua kk:kaz kl:kal km:khm kn:kan ko:kor kr:kau ks:kas ku:kur kv:kom kw:cor "
    "ky:kir la:lat lb:ltz lg:lug li:lim ln:lin lo:lao lt:lit lu:lub lv:lav mg:mlg mh:mah mi:mao mk:mac ml:mal "
    "mn:mon mr:mar ms:may mt:mlt my:bur na:nau nb:nob nd:nde ne:nep ng:ndo nl:dut nn:nno no:nor nr:nbl nv:nav "
    "ny:nya oc:oci oj:oji om:orm or:ori os:oss pa:pan pi:pli pl:pol ps:pus pt:por qu:que rm:roh rn:run ro:rum "
    "ru:rus rw:kin sa:san sc:srd sd:snd se:sme sg:sag si:sin sk:slo sl:slv sm:smo sn:sna so:som sq:alb sr:srp "
    "ss:ssw st:sot su:sun sv:swe sw:swa ta:tam te:tel tg:tgk th:tha ti:tir tk:tuk tl:tgl tn:tsn to:ton tr:tur "
    "ts:tso tt:tat tw:twi ty:tah ug:uig uk:ukr ur:urd uz:uzb ve:ven vi:vie vo:vol wa:wln wo:wol xh:xho yi:yid "
    "yo:yor za:zha zh:chi zu:zul"
)
_FORMER_LANGUAGES = (
    "scc:sr scr:hr mol:ro cam:km esp:eo esk:ik far:fo fri:fy gag:gl gua:gn int:ia iri:ga lan:oc max:gv mla:mg "
    "sao:sm sho:sn snh:si sso:st swz:ss tag:tl taj:tg tar:tt tsw:tn gae:gd"
)
# Codes that stand for no language.
NO_LANGUAGE = frozenset(("und", "mul", "zxx", "mis", "xxx", "nof"))

LANGUAGE_CODES = {short: code for short, _colon, code in (pair.partition(":") for pair in _LANGUAGES.split())}
LANGUAGES = {code: short for short, code in LANGUAGE_CODES.items()} | {
    code: short for code, _colon, short in (pair.partition(":") for pair in _FORMER_LANGUAGES.split())
}

# MARC has codes for states and provinces; all of one country end in the same letter.
_PARTS = {"u": "United States", "c": "Canada", "k": "United Kingdom", "a": "Australia"}
_WHOLE = {"xxu": "United States", "xxc": "Canada", "xxk": "United Kingdom"}
_FORMER_SOVIET = {
    "air": "Armenia", "ajr": "Azerbaijan", "bwr": "Belarus", "err": "Estonia", "gsr": "Georgia", "kgr": "Kyrgyzstan",
    "kzr": "Kazakhstan", "lir": "Lithuania", "lvr": "Latvia", "mvr": "Moldova", "rur": "Russia", "tar": "Tajikistan",
    "tkr": "Turkmenistan", "unr": "Ukraine", "uzr": "Uzbekistan",
}  # fmt: skip
# The code, then the name as the sample of headings has it. Codes that were given up stand below those in use.
_COUNTRIES = """
aa Albania|ae Algeria|af Afghanistan|ag Argentina|ai Armenia|aj Azerbaijan|am Anguilla|an Andorra|ao Angola
aq Antigua and Barbuda|as American Samoa|at Australia|au Austria|aw Aruba|ay Antarctica|ba Bahrain|bb Barbados
bd Burundi|be Belgium|bf Bahamas|bg Bangladesh|bh Belize|bi British Indian Ocean Territory|bl Brazil|bm Bermuda
bn Bosnia and Herzegovina|bo Bolivia|bp Solomon Islands|br Myanmar|bs Botswana|bt Bhutan|bu Bulgaria
bv Bouvet Island|bw Belarus|bx Brunei|ca Bonaire, Sint Eustatius and Saba|cb Cambodia|cc China|cd Chad|ce Sri Lanka
cf Republic of the Congo|cg Democratic Republic of the Congo|ch Taiwan|ci Croatia|cj Cayman Islands|ck Colombia
cl Chile|cm Cameroon|co Curaçao|cq Comoros|cr Costa Rica|cu Cuba|cv Cape Verde|cw Cook Islands
cx Central African Republic|cy Cyprus|dk Denmark|dm Benin|dq Dominica|dr Dominican Republic|ea Eritrea|ec Ecuador
eg Equatorial Guinea|em Timor-Leste|er Estonia|es El Salvador|et Ethiopia|fa Faroe Islands|fg French Guiana
fi Finland|fj Fiji|fk Falkland Islands|fm Micronesia|fp French Polynesia|fr France|fs French Southern Territories
ft Djibouti|gb Kiribati|gd Grenada|gg Guernsey|gh Ghana|gi Gibraltar|gl Greenland|gm Gambia|go Gabon|gp Guadeloupe
gr Greece|gs Georgia|gt Guatemala|gu Guam|gv Guinea|gw Germany|gy Guyana|gz Palestine
hm Heard Island and McDonald Islands|ho Honduras|ht Haiti|hu Hungary|ic Iceland|ie Ireland|ii India|im Isle of Man
io Indonesia|iq Iraq|ir Iran|is Israel|it Italy|iv Côte d'Ivoire|ja Japan|je Jersey|jm Jamaica|jo Jordan|ke Kenya
kg Kyrgyzstan|kn North Korea|ko South Korea|ku Kuwait|kv Kosovo|kz Kazakhstan|lb Liberia|le Lebanon|lh Liechtenstein
li Lithuania|lo Lesotho|ls Laos|lu Luxembourg|lv Latvia|ly Libya|mc Monaco|mf Mauritius|mg Madagascar|mj Montserrat
mk Oman|ml Mali|mm Malta|mo Montenegro|mp Mongolia|mq Martinique|mr Morocco|mu Mauritania|mv Moldova|mw Malawi
mx Mexico|my Malaysia|mz Mozambique|ne Netherlands|ng Niger|nl New Caledonia|no Norway|np Nepal|nq Nicaragua
nr Nigeria|nu Nauru|nw Northern Mariana Islands|nx Norfolk Island|nz New Zealand|ot Mayotte|pc Pitcairn Islands
pe Peru|pg Guinea-Bissau|ph Philippines|pk Pakistan|pl Poland|pn Panama|po Portugal|pp Papua New Guinea
pr Puerto Rico|pw Palau|py Paraguay|qa Qatar|rb Serbia|re Réunion|rh Zimbabwe|rm Romania|ru Russia|rw Rwanda
sa South Africa|sc Saint Barthélemy|sd South Sudan|se Seychelles|sf Sao Tome and Principe|sg Senegal|si Singapore
sj Sudan|sl Sierra Leone|sm San Marino|sn Sint Maarten|so Somalia|sp Spain|sq Eswatini|sr Suriname|ss Western Sahara
st Saint Martin|su Saudi Arabia|sw Sweden|sx Namibia|sy Syria|sz Switzerland|ta Tajikistan
tc Turks and Caicos Islands|tg Togo|th Thailand|ti Tunisia|tk Turkmenistan|tl Tokelau|to Tonga
tr Trinidad and Tobago|ts United Arab Emirates|tu Turkey|tv Tuvalu|tz Tanzania|ua Egypt|ug Uganda|un Ukraine
up United States Minor Outlying Islands|uv Burkina Faso|uy Uruguay|uz Uzbekistan|vb British Virgin Islands
vc Vatican City|ve Venezuela|vi U.S. Virgin Islands|vm Vietnam|wf Wallis and Futuna|wj Palestine|ws Samoa
xa Christmas Island|xb Cocos (Keeling) Islands|xc Maldives|xd Saint Kitts and Nevis|xe Marshall Islands|xh Niue
xj Saint Helena, Ascension and Tristan da Cunha|xk Saint Lucia|xl Saint Pierre and Miquelon
xm Saint Vincent and the Grenadines|xn North Macedonia|xo Slovakia|xs South Georgia and the South Sandwich Islands
xv Slovenia|xr Czechia|ye Yemen|za Zambia|us United States|uk United Kingdom|cn Canada|ge Germany|wb Germany
hk Hong Kong|mh Macau|sb Svalbard and Jan Mayen|pt Timor-Leste|ui United Kingdom|vn Vietnam|vs Vietnam|ys Yemen
"""
_BY_CODE = {
    code: name
    for code, _space, name in (item.partition(" ") for item in _COUNTRIES.strip().replace("\n", "|").split("|"))
}
COUNTRY_CODES = {name: code for code, name in reversed(_BY_CODE.items())} | {
    name: code for code, name in _WHOLE.items()
}


def country(code: str) -> str:
    """Return the country of a MARC code, of a state or province its country; empty for none ("xx", "vp")."""
    code = code.strip(" |#\\-").lower()
    if len(code) == 3:
        return _FORMER_SOVIET.get(code) or _PARTS.get(code[2], "")
    return _BY_CODE.get(code, "")
