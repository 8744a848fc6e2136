import type { CheckName, Gap } from '../../protocol/audit/report.js';

/**
 * Everything that the report of an audit says, at a terminal or on the page, in one language. `{…}` is filled
 * in.
 */
export interface Messages {
  readonly title: string;
  readonly sound: string;
  readonly unsound: string;
  readonly incomplete: string;
  readonly unwitnessed: string;
  readonly witnessed: string;
  readonly counts: string;
  readonly sampled: string;
  readonly unanswered: string;
  readonly found: string;
  readonly missing: string;
  readonly checked: string;
  readonly open: string;
  readonly unknownFiles: string;
  readonly more: string;
  readonly checks: Readonly<Record<CheckName, string>>;
  readonly gaps: Readonly<Record<Gap, string>>;
  readonly alwaysOpen: string;
  readonly saveWhat: string;
  readonly noDirectory: string;
  readonly noTrust: string;
  readonly badTrust: string;
  readonly noCases: string;
  readonly notEmpty: string;
  readonly notCopied: string;
  readonly unreadable: string;
  readonly ownFault: string;
}

const en: Messages = {
  title: 'Relais: audit of the public log',
  sound: 'SOUND. Everything that was checked holds.',
  unsound: 'NOT SOUND. {n} thing(s) do not hold; they are listed below.',
  incomplete:
    'NOT COMPLETE. Nothing wrong was found, but files are missing; without them there is no answer.',
  unwitnessed:
    'UNWITNESSED: no other organisation has signed for having seen this log. Whoever keeps it could show another one to somebody else.',
  witnessed: 'Witnessed: enough registered witnesses have signed for having seen this very log.',
  counts:
    '{leaves} leaves (consents, disclosures, withdrawals and pads, all alike), {anchors} anchors to the registry, {entries} registry entries, {cases} opened cases with {statements} statements.',
  sampled:
    'Sample of {asked} leaves: {statements} statements, {pads} pads, {anchors} anchors, {erased} erased by both services, {silent} that nobody has shown.',
  unanswered: 'Drawn, and shown by nobody',
  found: 'What does not hold',
  missing: 'What is missing or cannot be read',
  checked: 'What was checked',
  open: 'What this audit does not show',
  unknownFiles: 'Files beside the log that nobody looked at',
  more: '… and {n} more (all of them with --json)',
  checks: {
    policy: 'the policy is the one that the registry makes, to the byte',
    note: 'checkpoints are signed by keys that you trust, and by nobody unknown',
    checkpoint: 'each checkpoint is of the log in whose place it lies',
    quorum: 'the witnesses that the policy asks for have signed',
    consistency: 'the log still contains every checkpoint that it ever signed, as far as you have them',
    entries: 'bundles of entries are well formed',
    tiles: 'tiles are those of the entries',
    root: 'entries and tiles have the root that was signed',
    files: 'nothing lies in the log that does not belong to it',
    leaves: 'every leaf of the consent log is 33 bytes, of a known kind',
    registry: 'every entry of the registry is signed by somebody entitled to it',
    charter: 'the charter is the one that the founders signed',
    anchors: 'anchors in the consent log show the registry, never an older one',
    case: 'case files are well formed, to the byte',
    opening: 'the opened statements are the very leaves of the log',
    inclusion: 'their proofs hold',
    statement: 'statements are well formed, signed, and dated no later than witnesses saw them',
    signer: 'their signers were entitled at that moment',
    chain: 'the statements of a consent follow each other, in one chain, in the order of the log',
    consent: 'consents are for one voted purpose, with a voted notice, and bounded in time',
    release:
      'what was passed on came after the consent and before its end: those fields, to that service, to its key',
    receipt: 'what was received had been released, and not withdrawn',
    'consent-record': 'the consent record is the signed one: free, understood, on the voted text',
    withdrawal: 'withdrawals are valid, and nothing came after them',
    sample: 'each drawn leaf is a statement, a pad, an anchor, or erased by both services',
  },
  gaps: {
    'no-cases': 'no case was opened: only the log was checked, not one consent in it',
    'newer-checkpoints': '{n} checkpoint(s) are newer than this copy of the log and were not compared',
    'own-word': '{n} consent(s) bear the person’s own signed word, which a case file does not hold',
    'as-shown':
      '{n} case(s) are seen as far as their holder showed them: the last statements, a withdrawal among them, can be left out',
    'no-consent-record':
      '{n} case(s) come without the consent record and the fields, as a person has them once all is erased: what was agreed to was not compared',
    'readable-part':
      '{n} case(s) came in a person’s copy: the case was verified, the sentences around it were not',
    'next-year':
      '{n} log(s) of a new year are named in the registry and are not in this copy: copy again once their witnesses have seen them',
    newer: '{n} thing(s) were written by a newer version: update this program and verify again',
    restored:
      'the network was put back from a backup, as its registry says: what was shown of larger trees is void',
    undelivered:
      '{n} case(s) were passed on and, with their last day over, never acknowledged: ask the receiving service whether it was shown them',
    'unlisted-files': 'files that the log does not need could not be listed',
    samples: 'no sample was drawn: leaves that nobody opened were not seen from inside',
    unanswered: 'drawn leaves of which nobody has shown what they are',
    tallies: 'votes are not in the registry yet, so none was counted again',
    erasure: 'that erased content is gone everywhere: the log shows who has declared it',
  },
  alwaysOpen:
    'a worker who lies, a call outside the system, and a forked chain that no one opens and whose person never shows a receipt',
  saveWhat: 'An address goes with --save FOLDER, and a folder goes without',
  noDirectory: 'There is no directory {path}.',
  noTrust: 'There is no trust file {path}.',
  badTrust: 'The trust file {path} is malformed or contradicts itself.',
  noCases: 'There is no directory {path} with cases or checkpoints.',
  notEmpty:
    '{path} is not empty. Save into a new directory, and give the checkpoints of the earlier copy with --checkpoints.',
  notCopied: 'The public log could not be copied from {path}, or not into that directory.',
  unreadable: '{path} cannot be read.',
  ownFault: 'This program has a fault ({name}): that says nothing about the log.',
};

const fr: Messages = {
  title: 'Relais : audit du journal public',
  sound: 'EN ORDRE. Tout ce qui a été vérifié est exact.',
  unsound: 'PAS EN ORDRE. {n} chose(s) ne sont pas exactes ; elles sont énumérées plus bas.',
  incomplete:
    'INCOMPLET. Rien de faux n’a été trouvé, mais il manque des fichiers ; sans eux, pas de réponse.',
  unwitnessed:
    'SANS TÉMOIN : aucune autre organisation n’a signé avoir vu ce journal. Qui le tient pourrait en montrer un autre à quelqu’un d’autre.',
  witnessed: 'Attesté : assez de témoins enregistrés ont signé avoir vu ce journal-ci.',
  counts:
    '{leaves} feuilles (consentements, transmissions, retraits et remplissages, toutes pareilles), {anchors} ancrages au registre, {entries} inscriptions au registre, {cases} dossiers ouverts avec {statements} déclarations.',
  sampled:
    'Échantillon de {asked} feuilles : {statements} déclarations, {pads} remplissages, {anchors} ancrages, {erased} effacées par les deux services, {silent} que personne n’a montrées.',
  unanswered: 'Tirées, et montrées par personne',
  found: 'Ce qui n’est pas exact',
  missing: 'Ce qui manque ou ne peut être lu',
  checked: 'Ce qui a été vérifié',
  open: 'Ce que cet audit ne montre pas',
  unknownFiles: 'Fichiers à côté du journal, que personne n’a regardés',
  more: '… et {n} de plus (tous avec --json)',
  checks: {
    policy: 'la politique est celle que donne le registre, à l’octet près',
    note: 'les points de contrôle sont signés par des clés auxquelles vous vous fiez, et par personne d’inconnu',
    checkpoint: 'chaque point de contrôle est celui du journal à la place duquel il se trouve',
    quorum: 'les témoins que la politique demande ont signé',
    consistency:
      'le journal contient encore chaque point de contrôle qu’il a signé, pour autant que vous les ayez',
    entries: 'les paquets d’inscriptions sont bien formés',
    tiles: 'les tuiles sont celles des inscriptions',
    root: 'inscriptions et tuiles ont la racine qui a été signée',
    files: 'rien ne se trouve dans le journal qui n’y appartienne',
    leaves: 'chaque feuille du journal des consentements a 33 octets, d’une sorte connue',
    registry: 'chaque inscription au registre est signée par quelqu’un qui en a le droit',
    charter: 'la charte est celle que les fondateurs ont signée',
    anchors: 'les ancrages du journal des consentements montrent le registre, jamais un plus ancien',
    case: 'les fichiers des dossiers sont bien formés, à l’octet près',
    opening: 'les déclarations ouvertes sont bien les feuilles du journal',
    inclusion: 'leurs preuves sont exactes',
    statement:
      'les déclarations sont bien formées, signées, et datées au plus tard du jour où des témoins les ont vues',
    signer: 'leurs signataires en avaient le droit à ce moment',
    chain: 'les déclarations d’un consentement se suivent, en une seule chaîne, dans l’ordre du journal',
    consent: 'les consentements ont une seule finalité votée, une notice votée, et une fin',
    release:
      'ce qui a été transmis l’a été après le consentement et avant sa fin : ces champs, à ce service, à sa clé',
    receipt: 'ce qui a été reçu avait été transmis, et pas retiré',
    'consent-record':
      'le procès-verbal du consentement est celui qui a été signé : libre, compris, sur le texte voté',
    withdrawal: 'les retraits sont valables, et rien n’est venu après eux',
    sample:
      'chaque feuille tirée est une déclaration, un remplissage, un ancrage, ou effacée par les deux services',
  },
  gaps: {
    'no-cases': 'aucun dossier n’a été ouvert : seul le journal a été vérifié, pas un consentement',
    'newer-checkpoints':
      '{n} point(s) de contrôle sont plus récents que cette copie et n’ont pas été comparés',
    'own-word': '{n} consentement(s) portent la parole signée de la personne, que le fichier ne contient pas',
    'as-shown':
      '{n} dossier(s) sont vus pour autant que leur détenteur les ait montrés : les dernières déclarations, dont un retrait, peuvent avoir été omises',
    'no-consent-record':
      '{n} dossier(s) sans le texte de l’accord ni les champs, comme une personne les a une fois tout effacé : ce qui a été accepté n’a pas été comparé',
    'readable-part':
      '{n} dossier(s) dans la copie d’une personne : le dossier a été vérifié, pas les phrases autour',
    'next-year':
      '{n} journal(aux) d’une nouvelle année sont nommés dans le registre et manquent dans cette copie : recopiez quand leurs témoins les auront vus',
    newer:
      '{n} chose(s) viennent d’une version plus récente : mettez ce programme à jour et vérifiez à nouveau',
    restored:
      'le réseau a été restauré d’une sauvegarde, son registre le dit : ce qui avait été montré au-delà ne vaut plus',
    undelivered:
      '{n} dossier(s) ont été transmis et, leur dernier jour passé, jamais confirmés : demandez au service destinataire s’il les a vus',
    'unlisted-files': 'les fichiers dont le journal n’a pas besoin n’ont pas pu être énumérés',
    samples:
      'aucun échantillon n’a été tiré : les feuilles que personne n’a ouvertes n’ont pas été vues de l’intérieur',
    unanswered: 'feuilles tirées dont personne n’a montré ce qu’elles sont',
    tallies: 'les votes ne sont pas encore au registre ; aucun n’a donc été recompté',
    erasure: 'que le contenu effacé l’est partout : le journal montre qui l’a déclaré',
  },
  alwaysOpen:
    'un travailleur qui ment, un appel hors du système, et une chaîne dédoublée que personne n’ouvre et dont la personne ne montre jamais son reçu',
  saveWhat: 'Une adresse va avec --save DOSSIER, et un dossier va sans',
  noDirectory: 'Il n’y a pas de dossier {path}.',
  noTrust: 'Il n’y a pas de fichier de confiance {path}.',
  badTrust: 'Le fichier de confiance {path} est mal formé ou se contredit.',
  noCases: 'Il n’y a pas de dossier {path} avec des dossiers ouverts ou des points de contrôle.',
  notEmpty:
    '{path} n’est pas vide. Copiez dans un nouveau dossier, et donnez les points de contrôle de la copie précédente par --checkpoints.',
  notCopied: 'Le journal public n’a pas pu être copié depuis {path}, ou pas dans ce dossier.',
  unreadable: '{path} ne peut être lu.',
  ownFault: 'Ce programme a une faute ({name}) : cela ne dit rien du journal.',
};

const nl: Messages = {
  title: 'Relais: audit van het openbare logboek',
  sound: 'IN ORDE. Alles wat werd nagegaan, klopt.',
  unsound: 'NIET IN ORDE. {n} punt(en) kloppen niet; ze staan hieronder.',
  incomplete:
    'ONVOLLEDIG. Er werd niets verkeerds gevonden, maar er ontbreken bestanden; zonder die is er geen antwoord.',
  unwitnessed:
    'ZONDER GETUIGE: geen andere organisatie heeft getekend dat ze dit logboek zag. Wie het bijhoudt, zou iemand anders een ander kunnen tonen.',
  witnessed: 'Bevestigd: genoeg geregistreerde getuigen hebben getekend dat ze precies dit logboek zagen.',
  counts:
    '{leaves} bladen (toestemmingen, doorgaven, intrekkingen en vulling, allemaal gelijk), {anchors} ankers aan het register, {entries} inschrijvingen in het register, {cases} geopende dossiers met {statements} verklaringen.',
  sampled:
    'Steekproef van {asked} bladen: {statements} verklaringen, {pads} opvullingen, {anchors} ankers, {erased} gewist door beide diensten, {silent} die niemand toonde.',
  unanswered: 'Getrokken, en door niemand getoond',
  found: 'Wat niet klopt',
  missing: 'Wat ontbreekt of niet kan worden gelezen',
  checked: 'Wat werd nagegaan',
  open: 'Wat deze audit niet toont',
  unknownFiles: 'Bestanden naast het logboek, die niemand bekeek',
  more: '… en nog {n} (allemaal met --json)',
  checks: {
    policy: 'het beleid is dat wat het register geeft, tot op de byte',
    note: 'controlepunten zijn getekend met sleutels waarop u vertrouwt, en door niemand onbekend',
    checkpoint: 'elk controlepunt is dat van het logboek op wiens plaats het ligt',
    quorum: 'de getuigen die het beleid vraagt, hebben getekend',
    consistency: 'het logboek bevat nog elk controlepunt dat het ooit tekende, voor zover u ze hebt',
    entries: 'de pakken met inschrijvingen zijn welgevormd',
    tiles: 'de tegels zijn die van de inschrijvingen',
    root: 'inschrijvingen en tegels hebben de wortel die werd getekend',
    files: 'er ligt niets in het logboek dat er niet bij hoort',
    leaves: 'elk blad van het toestemmingslogboek is 33 bytes, van een bekende soort',
    registry: 'elke inschrijving in het register is getekend door iemand die dat mag',
    charter: 'het charter is dat wat de stichters tekenden',
    anchors: 'ankers in het toestemmingslogboek tonen het register, nooit een ouder',
    case: 'de dossierbestanden zijn welgevormd, tot op de byte',
    opening: 'de geopende verklaringen zijn precies de bladen van het logboek',
    inclusion: 'hun bewijzen kloppen',
    statement: 'verklaringen zijn welgevormd, getekend, en niet later gedateerd dan getuigen ze zagen',
    signer: 'wie tekende, mocht dat op dat ogenblik',
    chain:
      'de verklaringen van een toestemming volgen op elkaar, in één keten, in de volgorde van het logboek',
    consent: 'toestemmingen gelden voor één gestemd doel, met een gestemde kennisgeving, en hebben een einde',
    release:
      'wat werd doorgegeven, kwam na de toestemming en voor haar einde: die velden, aan die dienst, aan zijn sleutel',
    receipt: 'wat werd ontvangen, was doorgegeven en niet ingetrokken',
    'consent-record':
      'het verslag van de toestemming is het getekende: vrij, begrepen, over de gestemde tekst',
    withdrawal: 'intrekkingen zijn geldig, en er kwam niets na',
    sample: 'elk getrokken blad is een verklaring, opvulling, een anker, of gewist door beide diensten',
  },
  gaps: {
    'no-cases': 'er werd geen dossier geopend: enkel het logboek werd nagegaan, geen enkele toestemming',
    'newer-checkpoints': '{n} controlepunt(en) zijn nieuwer dan deze kopie en werden niet vergeleken',
    'own-word':
      '{n} toestemming(en) dragen het getekende woord van de persoon, dat niet in het dossierbestand zit',
    'as-shown':
      '{n} dossier(s) zijn gezien voor zover wie ze houdt ze toonde: de laatste verklaringen, een intrekking inbegrepen, kunnen weggelaten zijn',
    'no-consent-record':
      '{n} dossier(s) zonder de tekst van de toestemming en de velden, zoals iemand ze heeft als alles gewist is: wat werd aanvaard, werd niet vergeleken',
    'readable-part':
      '{n} dossier(s) in de kopie van een persoon: het dossier werd nagekeken, de zinnen eromheen niet',
    'next-year':
      '{n} logboek(en) van een nieuw jaar staan in het register en ontbreken in deze kopie: kopieer opnieuw zodra hun getuigen ze gezien hebben',
    newer: '{n} zaak/zaken komen van een nieuwere versie: werk dit programma bij en controleer opnieuw',
    restored:
      'het netwerk is hersteld uit een back-up, zo zegt zijn register: wat daarvoorbij getoond werd, geldt niet meer',
    undelivered:
      '{n} dossier(s) werden doorgegeven en, nu hun laatste dag voorbij is, nooit bevestigd: vraag de ontvangende dienst of die ze gezien heeft',
    'unlisted-files': 'bestanden die het logboek niet nodig heeft, konden niet worden opgesomd',
    samples: 'er werd geen steekproef getrokken: bladen die niemand opende, werden niet van binnen gezien',
    unanswered: 'getrokken bladen waarvan niemand toonde wat ze zijn',
    tallies: 'stemmen staan nog niet in het register; er werd er dus geen herteld',
    erasure: 'dat gewiste inhoud overal weg is: het logboek toont wie dat verklaarde',
  },
  alwaysOpen:
    'een medewerker die liegt, een telefoontje buiten het systeem, en een gesplitste keten die niemand opent en waarvan de persoon nooit een bewijs toont',
  saveWhat: 'Een adres gaat met --save MAP, en een map gaat zonder',
  noDirectory: 'Er is geen map {path}.',
  noTrust: 'Er is geen vertrouwensbestand {path}.',
  badTrust: 'Het vertrouwensbestand {path} is niet welgevormd of spreekt zichzelf tegen.',
  noCases: 'Er is geen map {path} met dossiers of controlepunten.',
  notEmpty:
    '{path} is niet leeg. Kopieer naar een nieuwe map, en geef de controlepunten van de vorige kopie met --checkpoints.',
  notCopied: 'Het openbare logboek kon niet worden gekopieerd van {path}, of niet naar die map.',
  unreadable: '{path} kan niet worden gelezen.',
  ownFault: 'Dit programma heeft een fout ({name}): dat zegt niets over het logboek.',
};

export const MESSAGES: Readonly<Record<'en' | 'fr' | 'nl', Messages>> = { en, fr, nl };

/** Fills `{name}` in a message. */
export function fill(message: string, values: Readonly<Record<string, string | number>>): string {
  return message.replace(/\{([a-z]+)\}/g, (_, name: string) => String(values[name] ?? ''));
}
