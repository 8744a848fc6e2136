interface Labels {
  readonly en: string;
  readonly fr: string;
  readonly nl: string;
}

/** One type of service. A code never changes its meaning; a new meaning is a new code. */
export interface TaxonomyTerm {
  readonly code: string;
  /** Code of the wider type. */
  readonly parent?: string;
  readonly labels: Labels;
}

const term = (
  code: string,
  [en, fr, nl]: readonly [string, string, string],
  parent?: string,
): TaxonomyTerm => ({
  code,
  ...(parent !== undefined && { parent }),
  labels: { en, fr, nl },
});

/** The types of service of the directory: the widest are the purposes of a sober charter. */
export const TAXONOMY: readonly TaxonomyTerm[] = [
  term('addiction-care', ['Addiction care', 'Aide aux addictions', 'Verslavingszorg']),
  term('low-risk-use', ['Lower-risk use', 'Réduction des risques', 'Schadebeperking'], 'addiction-care'),
  term('administrative-help', ['Administrative help', 'Aide administrative', 'Administratieve hulp']),
  term(
    'reference-address',
    ['Reference address', 'Adresse de référence', 'Referentieadres'],
    'administrative-help',
  ),
  term('day-centre', ['Day centre', 'Accueil de jour', 'Dagopvang']),
  term('shower', ['Shower', 'Douche', 'Douche'], 'day-centre'),
  term('laundry', ['Laundry', 'Lessive', 'Was'], 'day-centre'),
  term('luggage', ['Luggage store', 'Consigne', 'Bagageopslag'], 'day-centre'),
  term('debt-advice', ['Debt advice', 'Médiation de dettes', 'Schuldhulp']),
  term('food-aid', ['Food aid', 'Aide alimentaire', 'Voedselhulp']),
  term('meal', ['Meal', 'Repas', 'Maaltijd'], 'food-aid'),
  term('food-parcel', ['Food parcel', 'Colis alimentaire', 'Voedselpakket'], 'food-aid'),
  term('health-care', ['Health care', 'Soins de santé', 'Gezondheidszorg']),
  term('nursing', ['Nursing', 'Soins infirmiers', 'Verpleging'], 'health-care'),
  term('dental-care', ['Dental care', 'Soins dentaires', 'Tandzorg'], 'health-care'),
  term('housing-orientation', ['Help with housing', 'Aide au logement', 'Hulp bij wonen']),
  term('housing-first', ['Housing First', 'Housing First', 'Housing First'], 'housing-orientation'),
  term(
    'housing-support',
    ['Support at home', 'Guidance à domicile', 'Woonbegeleiding'],
    'housing-orientation',
  ),
  term('legal-aid', ['Legal aid', 'Aide juridique', 'Rechtshulp']),
  term('mental-health-care', ['Mental health care', 'Santé mentale', 'Geestelijke gezondheidszorg']),
  term('outreach', ['Street outreach', 'Travail de rue', 'Straathoekwerk']),
  term('shelter', ['Shelter', 'Hébergement', 'Opvang']),
  term('night-shelter', ['Night shelter', 'Accueil de nuit', 'Nachtopvang'], 'shelter'),
  term('transit-house', ['Temporary home', 'Maison d’accueil', 'Onthaaltehuis'], 'shelter'),
  term('family-shelter', ['Shelter for families', 'Hébergement de familles', 'Gezinsopvang'], 'shelter'),
];

const BY_CODE = new Map(TAXONOMY.map((each) => [each.code, each]));

/** The term and those that are wider, the narrowest first; empty for a code that is in no list. */
export function termWithParents(code: string): TaxonomyTerm[] {
  const found = BY_CODE.get(code);
  if (!found) return [];
  return [found, ...(found.parent === undefined ? [] : termWithParents(found.parent))];
}
