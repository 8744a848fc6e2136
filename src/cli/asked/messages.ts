import type { Language } from '../language.js';
import type { FormName, Kind } from './forms.js';

interface Messages {
  /** What stands above the list of commands, and below it. */
  readonly title: string;
  readonly everywhere: string;
  readonly kinds: Readonly<Record<Kind, string>>;
  readonly does: Readonly<Record<FormName, string>>;
  readonly wrong: Readonly<Record<Wrong, string>>;
}

/** How a command can be used wrongly. */
export type Wrong =
  'command' | 'verb' | 'option' | 'value' | 'flag' | 'twice' | 'missing' | 'tooMany' | 'kind';

/** Help, and what is said of wrong use. `{…}` is filled in, never with a value that somebody typed. */
export const SAY: Readonly<Record<Language, Messages>> = {
  en: {
    title: 'relais: pass a person on to help, with their consent',
    everywhere:
      'Every command takes --help and --language en|fr|nl. relais --version says which version this is.',
    kinds: {
      FOLDER: 'FOLDER',
      FILE: 'FILE',
      PLACE: 'FOLDER|ADDRESS',
      ADDRESS: 'ADDRESS',
      ID: 'ID',
      NUMBER: 'NUMBER',
      LANGUAGE: 'en|fr|nl',
      'HOST:PORT': 'HOST:PORT',
      'FOLDER|lost': 'FOLDER|lost',
    },
    does: {
      demo: 'the whole story on this machine, told step by step; with --once it ends by itself',
      init: 'make the database and its logins, and stop',
      serve: 'serve a network (an empty one at first) and say what to do next',
      verify:
        'check a copy of the public log, offline; of an address, copy it to --save first. Exit 0: sound, 1: something does not hold, 2: input is missing or cannot be read, 3: a fault of this program',
      agent: 'hold one device’s keys for the apps of this machine, which need no cryptography',
      'export make': 'seal all that an organisation may take along to its paper code',
      'export open': 'open such a file, to read and to print; the paper code is typed',
      'witness new': 'make the witness of an organisation, and print its key',
      'witness pull': 'look at the logs once, and cosign what continues',
      'witness serve': 'cosign what is sent here',
      monitor: 'whether a server delivers the web app that organisations vouch for',
      'monitor manifest': 'list the files of the web app of this installation',
      'audit draw': 'draw leaves of the consent log as an auditor',
      'audit collect': 'collect what the holders of drawn leaves have answered',
      'log export': 'a copy of the public logs that any web server can serve, brought up to date',
      'log recover': 'give a restored network the copies of the logs that its witnesses keep',
      'backup new-key': 'make the key that opens backups, once; it is printed, and kept nowhere',
      backup: 'write an encrypted backup, and delete those older than 30 days',
      restore: 'put a backup into an empty place; the key is typed',
      'restore in-place': 'go on, openly, with a database that is older than what was signed',
      drill: 'back up and restore into a scratch place, and compare',
      doctor: 'say what is wrong with this machine, and how to mend it',
    },
    wrong: {
      command: 'There is no such command',
      verb: 'One of these words must follow: {words}',
      option: 'There is no option {name}',
      value: '{name} needs a value',
      flag: '{name} takes no value',
      twice: '{name} is there twice',
      missing: '{name} is missing',
      tooMany: 'There is one word too many',
      kind: '{name} must be {kind}',
    },
  },
  fr: {
    title: 'relais : passer une personne à qui peut l’aider, avec son accord',
    everywhere: 'Chaque commande accepte --help et --language en|fr|nl. relais --version dit la version.',
    kinds: {
      FOLDER: 'DOSSIER',
      FILE: 'FICHIER',
      PLACE: 'DOSSIER|ADRESSE',
      ADDRESS: 'ADRESSE',
      ID: 'ID',
      NUMBER: 'NOMBRE',
      LANGUAGE: 'en|fr|nl',
      'HOST:PORT': 'HÔTE:PORT',
      'FOLDER|lost': 'DOSSIER|lost',
    },
    does: {
      demo: 'toute l’histoire sur cette machine, racontée pas à pas ; avec --once elle se termine d’elle-même',
      init: 'crée la base de données et ses comptes, puis s’arrête',
      serve: 'sert un réseau (vide au début) et dit ce qu’il faut faire ensuite',
      verify:
        'vérifie une copie du journal public, hors ligne ; d’une adresse, la copie d’abord dans --save. Code 0 : en ordre, 1 : quelque chose n’est pas exact, 2 : des données manquent ou ne peuvent être lues, 3 : une faute de ce programme',
      agent:
        'garde les clés d’un appareil pour les applications de cette machine, sans cryptographie chez elles',
      'export make': 'scelle tout ce qu’une organisation peut emporter, pour son code papier',
      'export open': 'ouvre un tel fichier, pour le lire et l’imprimer ; le code papier se tape',
      'witness new': 'crée le témoin d’une organisation et affiche sa clé',
      'witness pull': 'regarde les journaux une fois et signe ce qui en est la suite',
      'witness serve': 'signe ce qui est envoyé ici',
      monitor: 'si un serveur livre l’application web dont des organisations se portent garantes',
      'monitor manifest': 'énumère les fichiers de l’application web de cette installation',
      'audit draw': 'tire au sort des feuilles du journal des consentements, comme auditeur',
      'audit collect': 'rassemble ce que les détenteurs des feuilles tirées ont répondu',
      'log export': 'une copie des journaux publics que tout serveur web peut servir, mise à jour',
      'log recover': 'donne à un réseau restauré les copies des journaux que gardent ses témoins',
      'backup new-key':
        'crée une fois la clé qui ouvre les sauvegardes ; elle s’affiche et n’est gardée nulle part',
      backup: 'écrit une sauvegarde chiffrée et efface celles de plus de 30 jours',
      restore: 'remet une sauvegarde dans un endroit vide ; la clé se tape',
      'restore in-place':
        'continue, ouvertement, avec une base de données plus ancienne que ce qui a été signé',
      drill: 'sauvegarde, restaure dans un endroit provisoire, et compare',
      doctor: 'dit ce qui ne va pas sur cette machine et comment y remédier',
    },
    wrong: {
      command: 'Cette commande n’existe pas',
      verb: 'Un de ces mots doit suivre : {words}',
      option: 'L’option {name} n’existe pas',
      value: '{name} demande une valeur',
      flag: '{name} ne prend pas de valeur',
      twice: '{name} s’y trouve deux fois',
      missing: '{name} manque',
      tooMany: 'Il y a un mot de trop',
      kind: '{name} doit être {kind}',
    },
  },
  nl: {
    title: 'relais: iemand doorgeven naar hulp, met toestemming',
    everywhere:
      'Elk commando neemt --help en --language en|fr|nl. relais --version zegt welke versie dit is.',
    kinds: {
      FOLDER: 'MAP',
      FILE: 'BESTAND',
      PLACE: 'MAP|ADRES',
      ADDRESS: 'ADRES',
      ID: 'ID',
      NUMBER: 'GETAL',
      LANGUAGE: 'en|fr|nl',
      'HOST:PORT': 'HOST:POORT',
      'FOLDER|lost': 'MAP|lost',
    },
    does: {
      demo: 'het hele verhaal op deze machine, stap voor stap verteld; met --once eindigt het vanzelf',
      init: 'maakt de databank en haar logins, en stopt',
      serve: 'dient een netwerk (eerst een leeg) en zegt wat er dan te doen is',
      verify:
        'controleert een kopie van het openbare logboek, offline; van een adres kopieert het eerst naar --save. Code 0: in orde, 1: iets klopt niet, 2: invoer ontbreekt of kan niet worden gelezen, 3: een fout van dit programma',
      agent:
        'bewaart de sleutels van één toestel voor de toepassingen van deze machine, zonder cryptografie daar',
      'export make': 'verzegelt alles wat een organisatie mag meenemen, voor haar papiercode',
      'export open': 'opent zo’n bestand, om te lezen en af te drukken; de papiercode wordt getypt',
      'witness new': 'maakt de getuige van een organisatie en toont de sleutel',
      'witness pull': 'bekijkt de logboeken één keer en ondertekent wat er het vervolg van is',
      'witness serve': 'ondertekent wat hierheen wordt gestuurd',
      monitor: 'of een server de webapp levert waarvoor organisaties instaan',
      'monitor manifest': 'somt de bestanden op van de webapp van deze installatie',
      'audit draw': 'trekt bladen van het toestemmingslogboek, als auditor',
      'audit collect': 'verzamelt wat de houders van getrokken bladen hebben geantwoord',
      'log export': 'een kopie van de openbare logboeken die elke webserver kan dienen, bijgewerkt',
      'log recover': 'geeft een hersteld netwerk de kopieën van de logboeken die zijn getuigen bewaren',
      'backup new-key': 'maakt één keer de sleutel die back-ups opent; hij wordt getoond en nergens bewaard',
      backup: 'schrijft een versleutelde back-up en verwijdert die van meer dan 30 dagen oud',
      restore: 'zet een back-up op een lege plaats; de sleutel wordt getypt',
      'restore in-place': 'gaat openlijk verder met een databank die ouder is dan wat werd ondertekend',
      drill: 'maakt een back-up, herstelt die op een proefplaats, en vergelijkt',
      doctor: 'zegt wat er mis is met deze machine en hoe het te verhelpen',
    },
    wrong: {
      command: 'Dat commando bestaat niet',
      verb: 'Een van deze woorden moet volgen: {words}',
      option: 'De optie {name} bestaat niet',
      value: '{name} heeft een waarde nodig',
      flag: '{name} neemt geen waarde',
      twice: '{name} staat er twee keer',
      missing: '{name} ontbreekt',
      tooMany: 'Er is een woord te veel',
      kind: '{name} moet {kind} zijn',
    },
  },
};
