import type { Language } from '../language.js';

interface Messages {
  readonly key: string;
  readonly keyExists: string;
  readonly noKey: string;
  readonly written: string;
  readonly damaged: string;
  readonly askKey: string;
  readonly page: string;
  readonly inPlace: string;
  readonly list: string;
  readonly listLost: string;
  readonly drillGood: string;
  readonly drillBad: string;
}

export const SAY: Readonly<Record<Language, Messages>> = {
  en: {
    key: `This key opens your backups. It is shown once and kept nowhere: write it down or print it, and keep it away from this
machine. Two people should know where. Without it no backup can be opened, by anybody.

  {identity}`,
    keyExists:
      'a key was made before ({path}). Remove that file to make another; older backups still need the older key.',
    noKey: 'there is no key yet to encrypt backups to: relais backup new-key',
    written: 'Written: {path} ({size} bytes). Older than 30 days and deleted: {dropped}.',
    damaged:
      'NOT COMPLETE: pages of the database are damaged ({tables}). What could not be read is not in this backup. Keep the one before; relais doctor says what to do.',
    askKey: 'Key (AGE-SECRET-KEY-…): ',
    page: `RESTORED: network {network}, as it was on {taken}

  organisations            {organisations}
  devices                  {devices}
  referrals open / closed  {open} / {closed}
  statements               {statements}

  erased again             {erased} referrals, {released} keys to transfers, {revoked} revoked devices
  erasure list             {list}

What happened after {taken} is not here: referrals sent since, messages, new devices. Services must look at their own lists
and send again what is missing. This network signs nothing until its witnesses agree:
  1. relais log recover DIR …   with the copies of the logs that your witnesses keep (folder "mirror")
  2. relais serve               waits for a majority of the witnesses, and says for whom
`,
    inPlace: `RESTORED WHERE IT LIES: this database is an earlier state than what was signed

  erased again             {erased} referrals, {released} keys to transfers, {revoked} revoked devices

What happened since is not here: referrals, messages, new devices. Services must look at their own lists and send again what
is missing. This network signs nothing until its witnesses agree:
  1. relais log recover DIR …   with the copies of the logs that your witnesses keep (folder "mirror")
  2. relais serve               waits for a majority of the witnesses, and says for whom
Other machines of this network get the folder "fence" of this one, before they are started again.`,
    list: 'complete until {until}',
    listLost: 'lost: therefore no content was restored at all',
    drillGood: 'THE DRILL WENT WELL: everything came back. The scratch place is gone.',
    drillBad: 'THE DRILL FAILED: this did not come back as it was:',
  },
  fr: {
    key: `Cette clé ouvre vos sauvegardes. Elle est montrée une fois et gardée nulle part : notez-la ou imprimez-la, et gardez-la
loin de cette machine. Deux personnes doivent savoir où. Sans elle, personne ne peut ouvrir une sauvegarde.

  {identity}`,
    keyExists:
      'une clé existe déjà ({path}). Supprimez ce fichier pour en faire une autre ; les anciennes sauvegardes demandent toujours l’ancienne clé.',
    noKey: 'il n’y a pas encore de clé pour les sauvegardes : relais backup new-key',
    written: 'Écrit : {path} ({size} octets). Plus vieilles que 30 jours et supprimées : {dropped}.',
    damaged:
      'INCOMPLÈTE : des pages de la base sont abîmées ({tables}). Ce qui n’a pas pu être lu n’est pas dans cette sauvegarde. Gardez la précédente ; relais doctor dit que faire.',
    askKey: 'Clé (AGE-SECRET-KEY-…) : ',
    page: `RESTAURÉ : réseau {network}, tel qu’il était le {taken}

  organisations                    {organisations}
  appareils                        {devices}
  orientations ouvertes / fermées  {open} / {closed}
  déclarations                     {statements}

  effacé de nouveau                {erased} orientations, {released} clés de transferts, {revoked} appareils révoqués
  liste des effacements            {list}

Ce qui s’est passé après {taken} n’est pas ici : orientations envoyées depuis, messages, nouveaux appareils. Les services
doivent regarder leurs propres listes et renvoyer ce qui manque. Ce réseau ne signe rien avant l’accord de ses témoins :
  1. relais log recover DOSSIER …   avec les copies du journal que gardent vos témoins (dossier « mirror »)
  2. relais serve                   attend la majorité des témoins, et dit lesquels
`,
    inPlace: `RESTAURÉ SUR PLACE : cette base est un état antérieur à ce qui a été signé

  effacé de nouveau                {erased} orientations, {released} clés de transferts, {revoked} appareils révoqués

Ce qui s’est passé depuis n’est pas ici : orientations, messages, nouveaux appareils. Les services doivent regarder leurs
propres listes et renvoyer ce qui manque. Ce réseau ne signe rien avant l’accord de ses témoins :
  1. relais log recover DOSSIER …   avec les copies du journal que gardent vos témoins (dossier « mirror »)
  2. relais serve                   attend la majorité des témoins, et dit lesquels
Les autres machines de ce réseau reçoivent le dossier « fence » de celle-ci avant d’être relancées.`,
    list: 'complète jusqu’au {until}',
    listLost: 'perdue : aucun contenu n’a donc été restauré',
    drillGood: 'L’EXERCICE EST RÉUSSI : tout est revenu. Le lieu d’essai est supprimé.',
    drillBad: 'L’EXERCICE A ÉCHOUÉ : ceci n’est pas revenu tel quel :',
  },
  nl: {
    key: `Deze sleutel opent uw back-ups. Hij wordt één keer getoond en nergens bewaard: schrijf hem op of druk hem af, en bewaar
hem ver van deze machine. Twee mensen moeten weten waar. Zonder deze sleutel kan niemand een back-up openen.

  {identity}`,
    keyExists:
      'er bestaat al een sleutel ({path}). Verwijder dat bestand om een andere te maken; oudere back-ups vragen nog de oude sleutel.',
    noKey: 'er is nog geen sleutel voor back-ups: relais backup new-key',
    written: 'Geschreven: {path} ({size} bytes). Ouder dan 30 dagen en verwijderd: {dropped}.',
    damaged:
      'ONVOLLEDIG: pagina’s van de databank zijn beschadigd ({tables}). Wat niet gelezen kon worden, staat niet in deze back-up. Bewaar de vorige; relais doctor zegt wat te doen.',
    askKey: 'Sleutel (AGE-SECRET-KEY-…): ',
    page: `HERSTELD: netwerk {network}, zoals het was op {taken}

  organisaties                      {organisations}
  toestellen                        {devices}
  doorverwijzingen open / gesloten  {open} / {closed}
  verklaringen                      {statements}

  opnieuw gewist                    {erased} doorverwijzingen, {released} sleutels van overdrachten, {revoked} ingetrokken toestellen
  lijst van wat gewist werd         {list}

Wat na {taken} gebeurde, is hier niet: sindsdien verstuurde doorverwijzingen, berichten, nieuwe toestellen. De diensten moeten
hun eigen lijsten nakijken en opnieuw sturen wat ontbreekt. Dit netwerk ondertekent niets voor zijn getuigen akkoord gaan:
  1. relais log recover MAP …   met de kopieën van het logboek die uw getuigen bewaren (map “mirror”)
  2. relais serve               wacht op een meerderheid van de getuigen, en zegt op wie
`,
    inPlace: `HERSTELD WAAR ZE STAAT: deze databank is een vroegere toestand dan wat ondertekend werd

  opnieuw gewist                    {erased} doorverwijzingen, {released} sleutels van overdrachten, {revoked} ingetrokken toestellen

Wat sindsdien gebeurde, is hier niet: doorverwijzingen, berichten, nieuwe toestellen. De diensten moeten hun eigen lijsten
nakijken en opnieuw sturen wat ontbreekt. Dit netwerk ondertekent niets voor zijn getuigen akkoord gaan:
  1. relais log recover MAP …   met de kopieën van het logboek die uw getuigen bewaren (map “mirror”)
  2. relais serve               wacht op een meerderheid van de getuigen, en zegt op wie
Andere machines van dit netwerk krijgen de map “fence” van deze, voor ze weer gestart worden.`,
    list: 'volledig tot {until}',
    listLost: 'verloren: daarom is er geen enkele inhoud hersteld',
    drillGood: 'DE OEFENING IS GESLAAGD: alles kwam terug. De proefplek is weg.',
    drillBad: 'DE OEFENING IS MISLUKT: dit kwam niet terug zoals het was:',
  },
};
