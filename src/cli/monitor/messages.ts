import type { Language } from '../language.js';

interface Messages {
  readonly asVouched: string;
  readonly nobody: string;
  readonly different: string;
  readonly notAsBuilt: string;
}

export const SAY: Readonly<Record<Language, Messages>> = {
  en: {
    asVouched: 'The web app is the one that these organisations vouch for: {names}',
    nobody: 'NOBODY VOUCHES for the web app that this server delivers. Tell your committee.',
    different: 'DIFFERENT from what the server itself lists: {path}',
    notAsBuilt:
      'It is not the one of this installation: either the versions differ, or one of the two was changed.',
  },
  fr: {
    asVouched: 'L’application web est celle dont ces organisations se portent garantes : {names}',
    nobody: 'PERSONNE NE SE PORTE GARANT de l’application web que ce serveur livre. Prévenez votre comité.',
    different: 'DIFFÉRENT de ce que le serveur annonce lui-même : {path}',
    notAsBuilt:
      'Ce n’est pas celle de cette installation : soit les versions diffèrent, soit l’une des deux a été changée.',
  },
  nl: {
    asVouched: 'De webapp is die waarvoor deze organisaties instaan: {names}',
    nobody: 'NIEMAND STAAT IN voor de webapp die deze server levert. Verwittig uw comité.',
    different: 'ANDERS dan wat de server zelf opgeeft: {path}',
    notAsBuilt:
      'Het is niet die van deze installatie: ofwel verschillen de versies, ofwel is een van beide veranderd.',
  },
};
