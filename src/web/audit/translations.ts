export const LANGUAGES = ['fr', 'nl', 'en'] as const;
export type Language = (typeof LANGUAGES)[number];

interface Translations {
  readonly title: string;
  readonly text: string;
  readonly language: string;
  readonly trust: string;
  readonly trustHint: string;
  readonly directory: string;
  readonly directoryHint: string;
  readonly cases: string;
  readonly sample: string;
  readonly run: string;
  readonly working: string;
  readonly print: string;
  readonly coverage: string;
  readonly log: string;
  readonly seen: string;
  readonly newest: string;
  readonly by: string;
  readonly nobody: string;
  readonly badTrust: string;
  readonly fault: string;
}

/** What the auditor's door says; the report itself speaks as `relais verify` does. */
export const TRANSLATIONS: Readonly<Record<Language, Translations>> = {
  fr: {
    title: 'Vérifier le journal public',
    text: 'Tout est vérifié ici, dans ce navigateur : rien de ce que vous choisissez ne part vers le serveur. Aucun dossier n’est lu ; sans votre fichier de confiance il n’y a pas de réponse.',
    language: 'Langue',
    trust: 'Votre fichier de confiance (trust.json)',
    trustHint: 'Reçu sur papier ou de votre organisation, jamais de ce serveur.',
    directory: 'Une copie du journal (dossier), si vous en avez une',
    directoryHint: 'Sans copie, le journal de ce serveur est lu.',
    cases: 'Dossiers ouverts pour vous (fichiers), s’il y en a',
    sample: 'Votre échantillon (sample.json), s’il y en a un',
    run: 'Vérifier',
    working: 'Vérification en cours …',
    print: 'Imprimer le rapport',
    coverage: 'Qui a vu les journaux de ce serveur',
    log: 'Journal',
    seen: 'Vu par assez de témoins',
    newest: 'Dernier état',
    by: 'Signé par',
    nobody: 'personne encore',
    badTrust: 'Ce fichier de confiance est mal formé.',
    fault: 'La vérification n’a pas pu se terminer. Cela ne dit rien du journal.',
  },
  nl: {
    title: 'Het openbare logboek nakijken',
    text: 'Alles wordt hier nagekeken, in deze browser: niets van wat u kiest gaat naar de server. Er wordt geen dossier gelezen; zonder uw vertrouwensbestand is er geen antwoord.',
    language: 'Taal',
    trust: 'Uw vertrouwensbestand (trust.json)',
    trustHint: 'Gekregen op papier of van uw organisatie, nooit van deze server.',
    directory: 'Een kopie van het logboek (map), als u er een hebt',
    directoryHint: 'Zonder kopie wordt het logboek van deze server gelezen.',
    cases: 'Dossiers die voor u geopend zijn (bestanden), als die er zijn',
    sample: 'Uw steekproef (sample.json), als die er is',
    run: 'Nakijken',
    working: 'Bezig met nakijken …',
    print: 'Het verslag afdrukken',
    coverage: 'Wie de logboeken van deze server gezien heeft',
    log: 'Logboek',
    seen: 'Door genoeg getuigen gezien',
    newest: 'Laatste stand',
    by: 'Ondertekend door',
    nobody: 'nog niemand',
    badTrust: 'Dit vertrouwensbestand is niet goed gevormd.',
    fault: 'Het nakijken kon niet worden afgemaakt. Dat zegt niets over het logboek.',
  },
  en: {
    title: 'Check the public log',
    text: 'Everything is checked here, in this browser: nothing that you choose goes to the server. No case is read; without your trust file there is no answer.',
    language: 'Language',
    trust: 'Your trust file (trust.json)',
    trustHint: 'From paper or from your organisation, never from this server.',
    directory: 'A copy of the log (folder), if you have one',
    directoryHint: 'Without a copy this server’s log is read.',
    cases: 'Cases opened for you (files), if there are any',
    sample: 'Your sample (sample.json), if there is one',
    run: 'Check',
    working: 'Checking …',
    print: 'Print the report',
    coverage: 'Who has seen the logs of this server',
    log: 'Log',
    seen: 'Seen by enough witnesses',
    newest: 'Newest',
    by: 'Signed by',
    nobody: 'nobody yet',
    badTrust: 'This trust file is malformed.',
    fault: 'The check could not be finished. That says nothing about the log.',
  },
};

/** The first language that this device asks for and the page speaks. */
export function preferredLanguage(): Language {
  const asked = navigator.languages.map((tag) => tag.split('-')[0]);
  return (
    LANGUAGES.find((language) => language === asked.find((tag) => LANGUAGES.some((each) => each === tag))) ??
    'fr'
  );
}
