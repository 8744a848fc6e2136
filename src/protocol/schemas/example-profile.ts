import type { ServiceProfile } from './service-profile.js';

/** A complete profile, optional members included; the service is invented. */
export const SERVICE_PROFILE_EXAMPLE: ServiceProfile = {
  description: {
    en: 'A place to sleep for women and families, at most thirty nights.',
    fr: 'Un lieu pour dormir, pour femmes et familles, trente nuits au plus.',
    nl: 'Een slaapplek voor vrouwen en gezinnen, ten hoogste dertig nachten.',
  },
  url: 'https://nuit.example/accueil',
  email: 'accueil@nuit.example',
  phones: [{ number: '+32 2 555 01 23', description: { fr: 'Jour et nuit', nl: 'Dag en nacht' } }],
  languages: ['fr', 'nl', 'ar'],
  accessibility: [{ fr: 'Ascenseur', nl: 'Lift' }],
  hours: [
    {
      freq: 'WEEKLY',
      interval: 1,
      dtstart: '2026-11-02',
      until: '2027-04-30',
      byday: ['MO', 'TU', 'WE', 'TH', 'FR', 'SA', 'SU'],
      opensAt: '20:00',
      closesAt: '08:00',
    },
    { freq: 'MONTHLY', byday: ['1MO', '-1FR'], bymonthday: [1, 2, 3], opensAt: '14:00', closesAt: '16:00' },
  ],
  location: {
    kind: 'physical',
    address: {
      line1: 'Rue Inventée 12',
      line2: 'Boîte 3',
      city: 'Bruxelles',
      province: 'Bruxelles-Capitale',
      postcode: '1000',
      country: 'BE',
    },
  },
  area: ['1000', '1060'],
  terms: ['night-shelter'],
  eligibility: {
    rules: [
      { about: 'age', atLeast: 18, atMost: 99 },
      { about: 'household', oneOf: ['woman-alone', 'family-with-children'] },
      { about: 'animals', noneOf: ['dog'] },
    ],
    description: { fr: 'Femmes et familles, sans chien.', nl: 'Vrouwen en gezinnen, zonder hond.' },
  },
  intake: {
    requires: ['calledName', 'household'],
    offers: ['ageBand', 'accessibilityNeeds', 'desiredOutcome'],
    questions: [
      {
        id: 'arrival',
        type: 'choice',
        required: true,
        labels: { fr: 'Quand arrive la personne ?', nl: 'Wanneer komt de persoon?' },
        options: [
          { code: 'tonight', labels: { fr: 'Ce soir', nl: 'Vanavond' } },
          { code: 'later', labels: { fr: 'Plus tard', nl: 'Later' } },
        ],
      },
    ],
  },
  lastChecked: { by: 'coordinator', on: '2026-11-20' },
};
