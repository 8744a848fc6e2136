import type { Language } from '../language.js';

interface Messages {
  readonly made: string;
  readonly listening: string;
  readonly pulled: string;
  readonly enough: string;
  readonly tooFew: string;
  readonly refused: string;
  readonly kept: string;
}

export const SAY: Readonly<Record<Language, Messages>> = {
  en: {
    made: `This folder now holds the witness of your organisation: {folder}
Its key, to be registered by your coordinator:
  {key}
Keep the folder, and keep it on one machine only: a witness that forgets what it has seen protects nobody.`,
    listening: 'This witness takes checkpoints at {where}/add-checkpoint',
    pulled: '{directory}: seen and signed, {size} entries; {enough}',
    enough: 'enough witnesses have now signed',
    tooFew: 'other witnesses are still missing',
    refused: `NOT SIGNED: what the server shows does not continue what this witness has seen ({check}).
Nothing was signed. Tell your committee, and keep this folder as it is: it is the proof.`,
    kept: 'Both signed notes, the one that it had signed and the one that it was shown, are kept here: {where}',
  },
  fr: {
    made: `Ce dossier contient maintenant le témoin de votre organisation : {folder}
Sa clé, à enregistrer par votre coordination :
  {key}
Gardez ce dossier, et sur une seule machine : un témoin qui oublie ce qu’il a vu ne protège personne.`,
    listening: 'Ce témoin reçoit les états du journal à {where}/add-checkpoint',
    pulled: '{directory} : vu et signé, {size} entrées ; {enough}',
    enough: 'assez de témoins ont signé',
    tooFew: 'il manque encore d’autres témoins',
    refused: `PAS SIGNÉ : ce que le serveur montre n’est pas la suite de ce que ce témoin a vu ({check}).
Rien n’a été signé. Prévenez votre comité, et gardez ce dossier tel quel : c’est la preuve.`,
    kept: 'Les deux états signés, celui que ce témoin avait signé et celui qu’on lui a montré, sont gardés ici : {where}',
  },
  nl: {
    made: `Deze map bevat nu de getuige van uw organisatie: {folder}
De sleutel, te registreren door uw coördinatie:
  {key}
Bewaar de map, en op één machine: een getuige die vergeet wat hij zag, beschermt niemand.`,
    listening: 'Deze getuige ontvangt de standen van het logboek op {where}/add-checkpoint',
    pulled: '{directory}: gezien en ondertekend, {size} regels; {enough}',
    enough: 'genoeg getuigen hebben ondertekend',
    tooFew: 'er ontbreken nog andere getuigen',
    refused: `NIET ONDERTEKEND: wat de server toont, is niet het vervolg van wat deze getuige zag ({check}).
Er is niets ondertekend. Verwittig uw comité, en bewaar deze map zoals ze is: zij is het bewijs.`,
    kept: 'Beide ondertekende standen, die welke deze getuige had ondertekend en die welke getoond werd, staan hier: {where}',
  },
};
