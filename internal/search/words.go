package search

import "strings"

// Synonyms are groups of words that stand for each other, by language: what
// people look for in a mutual aid network. A group is words with spaces between.
var Synonyms = map[string][]string{
	"en": {
		"food grocery meal pantry eat hungry foodbank provisions", "ride transport transportation lift driver drive car",
		"diaper nappy", "baby infant newborn", "child kid children toddler", "childcare babysitting babysitter daycare",
		"house home housing apartment rent rental", "shelter homeless bed overnight", "clothes clothing coat jacket garment",
		"doctor clinic medical health nurse", "medicine prescription pharmacy medication drug", "lawyer legal attorney law",
		"eviction evict evicted landlord tenant", "money cash fund bill financial grant", "job work employment",
		"elder senior elderly older", "lonely loneliness company visit companionship", "counseling counselling therapy mental grief",
		"interpreter translation interpreting translate translator", "phone telephone mobile cellphone", "computer laptop internet wifi",
		"repair fix mend broken", "tool equipment", "bike bicycle cycling", "wheelchair disability disabled mobility accessible",
		"furniture bed mattress table sofa", "immigration immigrant visa asylum refugee", "electricity power utility outage",
		"pet dog cat animal", "school education tutoring homework class", "violence abuse domestic", "moving move",
	},
	"es": {
		"comida alimento despensa comer hambre mercado vivere", "viaje transporte llevar aventon carro auto coche raite",
		"panal bebe", "nino nina hijo infantil", "guarderia cuidado ninera", "casa hogar vivienda apartamento renta alquiler",
		"refugio albergue techo", "ropa abrigo chaqueta chamarra", "medico doctor clinica salud enfermera",
		"medicina medicamento receta farmacia", "abogado legal ley derecho", "desalojo desalojar casero inquilino", "dinero efectivo fondo factura recibo",
		"trabajo empleo", "anciano mayor tercera", "soledad compania visita", "terapia consejeria psicologo duelo",
		"interprete traduccion traductor idioma", "telefono celular movil", "computadora ordenador internet", "arreglar reparar reparacion arreglo",
		"herramienta equipo", "bicicleta bici ciclismo", "migracion inmigracion asilo refugiado visa", "luz electricidad apagon",
		"mascota perro gato", "escuela clase tarea educacion", "violencia abuso maltrato", "mudanza mudarse",
	},
	"ar": {
		"طعام أكل وجبة غذاء وجبات مواد جوع", "توصيل مواصلات نقل سيارة مشوار", "حفاضات حفاض رضيع أطفال", "طفل أطفال اولاد",
		"سكن بيت منزل إيجار شقة", "مأوى ملجأ مبيت", "ملابس ثياب معطف", "طبيب دكتور عيادة صحة", "دواء أدوية صيدلية وصفة",
		"محامي محام قانوني حقوق قانون", "مال نقود فواتير فاتورة مساعدة", "عمل وظيفة شغل", "ترجمة مترجم لغة لغات", "هاتف جوال موبايل تلفون",
		"حاسوب كمبيوتر حواسيب انترنت", "إصلاح تصليح صيانة", "دراجة دراجات", "هجرة لجوء لاجئ", "مسن كبار مسنين", "مدرسة تعليم دروس",
	},
}

// stops are words that tell entries apart only where there are no others.
var stops = strings.Fields(`a an and are at be by can do does for from get have how i in is it me my need near of on or our
some that the there this to want we what when where who with you your
al algo con como cual de del donde el en es esta hay la las lo los me mi necesito para por puedo que quien se su sus tengo un una unas unos y yo
من في علي الي عن مع هل هو هي انا اين كيف ما هذا هذه او ان اريد احتاج يوجد
o cho va la toi co can tim dau nhung cac cua mot duoc voi tai
的 了 我 在 哪里 在哪 哪有 我要 我想 想要 需要 我需 有没 没有 可以 怎么`)

// languageNames are names of languages, beside those of site.toml.
var languageNames = map[string]string{
	"ar": "Arabic árabe العربية", "am": "Amharic amárico", "asl": "sign language lengua de señas لغة الإشارة", "en": "English inglés الإنجليزية",
	"es": "Spanish español الإسبانية", "fa": "Persian Farsi فارسی", "fr": "French francés français الفرنسية", "ht": "Haitian Creole kreyòl",
	"ko": "Korean coreano 한국어", "pt": "Portuguese portugués português", "ru": "Russian ruso русский", "so": "Somali soomaali", "tl": "Tagalog Filipino",
	"uk": "Ukrainian ucraniano українська", "ur": "Urdu اردو", "vi": "Vietnamese vietnamita tiếng Việt", "zh": "Chinese chino 中文",
}
