import type { Language } from '../language.js';

/** What `relais agent` and `relais export` say on a terminal. `{…}` is filled in. */
interface Messages {
  readonly usage: string;
  readonly listening: string;
  readonly noServer: string;
  readonly badServer: string;
  readonly notLoopback: string;
  readonly notJoined: string;
  readonly askCode: string;
  readonly written: string;
  readonly exists: string;
}

export const SAY: Readonly<Record<Language, Messages>> = {
  en: {
    usage: `relais agent --server ADDRESS [--state FOLDER] [--socket FILE | --tcp 127.0.0.1:PORT]
relais export make --state FOLDER --to FILE
relais export open FILE --to FOLDER
Each also takes --language en|fr|nl.`,
    listening: 'The agent listens on {where}\nApps send the token of {token}',
    noServer: 'This agent has not joined yet: name the network’s server with --server.',
    badServer: '--server is the address of the network’s server, beginning with https://.',
    notLoopback: 'The agent listens on this machine only: --tcp 127.0.0.1:PORT or [::1]:PORT.',
    notJoined: 'No device has joined with this folder.',
    askCode: 'Type your organisation’s paper code, and Enter (it is not shown): ',
    written: 'Written: {path}',
    exists: '{path} is there already; nothing was written.',
  },
  fr: {
    usage: `relais agent --server ADRESSE [--state DOSSIER] [--socket FICHIER | --tcp 127.0.0.1:PORT]
relais export make --state DOSSIER --to FICHIER
relais export open FICHIER --to DOSSIER
Chaque commande accepte aussi --language en|fr|nl.`,
    listening: 'L’agent écoute sur {where}\nLes applications envoient le jeton qui se trouve dans {token}',
    noServer: 'Cet agent n’est pas encore inscrit : indiquez le serveur du réseau avec --server.',
    badServer: '--server est l’adresse du serveur du réseau ; elle commence par https://.',
    notLoopback: 'L’agent n’écoute que sur cette machine : --tcp 127.0.0.1:PORT ou [::1]:PORT.',
    notJoined: 'Aucun appareil n’est inscrit avec ce dossier.',
    askCode: 'Tapez le code papier de votre organisation, puis Entrée (il ne s’affiche pas) : ',
    written: 'Écrit : {path}',
    exists: '{path} existe déjà ; rien n’a été écrit.',
  },
  nl: {
    usage: `relais agent --server ADRES [--state MAP] [--socket BESTAND | --tcp 127.0.0.1:POORT]
relais export make --state MAP --to BESTAND
relais export open BESTAND --to MAP
Elk commando neemt ook --language en|fr|nl.`,
    listening: 'De agent luistert op {where}\nToepassingen sturen het token uit {token}',
    noServer: 'Deze agent is nog niet aangesloten: noem de server van het netwerk met --server.',
    badServer: '--server is het adres van de server van het netwerk; het begint met https://.',
    notLoopback: 'De agent luistert alleen op deze machine: --tcp 127.0.0.1:POORT of [::1]:POORT.',
    notJoined: 'Met deze map is geen toestel aangesloten.',
    askCode: 'Typ de papiercode van uw organisatie, en Enter (ze wordt niet getoond): ',
    written: 'Geschreven: {path}',
    exists: '{path} bestaat al; er is niets geschreven.',
  },
};
