"""Which encoding of one byte a letter a table in Latin letters is in, told by the letters alone.

The texts are the first article of the Universal Declaration of Human Rights, in its official translations.
"""

import pytest

from catalogue.formats.decoding import guess_encoding

POLISH = (
    "Wszyscy ludzie rodzą się wolni i równi pod względem swej godności i swych praw. Są oni obdarzeni rozumem i "
    "sumieniem i powinni postępować wobec innych w duchu braterstwa. "
    "Każdy człowiek posiada wszystkie prawa, bez względu na różnice rasy i języka."
)
CZECH = (
    "Všichni lidé rodí se svobodní a sobě rovní co do důstojnosti a práv. Jsou nadáni rozumem a svědomím a mají spolu "
    "jednat v duchu bratrství."
)
SLOVAK = (
    "Všetci ľudia sa rodia slobodní a sebe rovní, čo sa týka ich dôstojnosti a práv. Sú obdarení rozumom a svedomím a "
    "majú navzájom jednať v bratskom duchu."
)
HUNGARIAN = (
    "Minden emberi lény szabadon születik és egyenlő méltósága és joga van. Az emberek, ésszel és lelkiismerettel "
    "bírván, egymással szemben testvéri szellemben kell hogy viseltessenek. Mindenki, bármely megkülönböztetésre, "
    "nevezetesen fajra, színre, nemre, nyelvre, vallásra tekintet nélkül, hivatkozhat erre. Őszintén, erről, időben."
)
CROATIAN = (
    "Sva ljudska bića rađaju se slobodna i jednaka u dostojanstvu i pravima. Ona su obdarena razumom i sviješću i "
    "trebaju jedna prema drugima postupati u duhu bratstva. Čovječanstvo, šutnja, život, noću, đak."
)
ROMANIAN = (
    "Toate fiinţele umane se nasc libere şi egale în demnitate şi în drepturi. Ele sunt înzestrate cu raţiune şi "
    "conştiinţă şi trebuie să se comporte unele faţă de altele în spiritul fraternităţii."
)
TURKISH = (
    "Bütün insanlar hür, haysiyet ve haklar bakımından eşit doğarlar. Akıl ve vicdana sahiptirler ve birbirlerine "
    "karşı kardeşlik zihniyeti ile hareket etmelidirler."
)
WESTERN = (
    "Alle Menschen sind frei und gleich an Würde und Rechten geboren, im Geiste der Brüderlichkeit. Größe, Öl, Ähre.",
    "Tous les êtres humains naissent libres et égaux en dignité et en droits. Ils sont doués de raison, où qu’ils "
    "soient nés, et doivent agir à cœur ouvert : Noël, français, maïs.",
    "Kaikki ihmiset syntyvät vapaina ja tasavertaisina arvoltaan ja oikeuksiltaan. Heille on annettu järki ja "
    "omatunto, ja heidän on toimittava toisiaan kohtaan veljeyden hengessä. Itä-Åboland.",
    "Alla människor är födda fria och lika i värde och rättigheter. De är utrustade med förnuft och samvete och bör "
    "handla gentemot varandra i en anda av broderskap.",
    "Alle mennesker er født frie og lige i værdighed og rettigheder. De er udstyret med fornuft og samvittighed, og "
    "de bør handle mod hverandre i en broderskabets ånd.",
    "Todos os seres humanos nascem livres e iguais em dignidade e em direitos. Dotados de razão e de consciência, "
    "devem agir uns para com os outros em espírito de fraternidade. Ações, prisões, não, três.",
    "Todos los seres humanos nacen libres e iguales en dignidad y derechos y, dotados como están de razón y "
    "conciencia, deben comportarse fraternalmente. ¿Qué más? ¡Años, niños, educación!",
    "Tutti gli esseri umani nascono liberi ed eguali in dignità e diritti. Essi sono dotati di ragione e di "
    "coscienza e devono agire così, perché è più giusto, ciò che è virtù: libertà, città.",
    "Hver maður er borinn frjáls og jafn öðrum að virðingu og réttindum. Menn eru gæddir vitsmunum og samvizku, og "
    "ber þeim að breyta bróðurlega hverjum við annan.",
)


def table(*texts: str) -> str:
    return "title,year\n" + "".join(f'"{text}",2001\n' for text in texts)


@pytest.mark.parametrize("text", [POLISH, CZECH, SLOVAK, HUNGARIAN, CROATIAN, ROMANIAN], ids=lambda text: text[:7])
@pytest.mark.parametrize("encoding", ["cp1250", "iso8859-2"])
def test_central_european_texts_are_read_as_such(text, encoding):
    data = table(text).encode(encoding)
    assert data.decode(guess_encoding(data)) == table(text)


def test_turkish_is_no_icelandic():
    data = table(TURKISH).encode("cp1254")
    assert data.decode(guess_encoding(data)) == table(TURKISH)


@pytest.mark.parametrize("text", WESTERN, ids=lambda text: text[:7])
def test_western_texts_stay_western(text):
    assert guess_encoding(table(text).encode("cp1252")) == "cp1252"


def test_a_catalogue_in_many_western_languages_stays_western():
    assert guess_encoding(table(*WESTERN).encode("cp1252")) == "cp1252"


@pytest.mark.parametrize("text", ["Michèle Lévy", "Žižek, Slavoj; Michèle Lévy; Così è", "20 °C, £5, §3 – “x”"])
def test_a_few_letters_change_nothing(text):
    assert guess_encoding(table(text).encode("cp1252")) == "cp1252"
