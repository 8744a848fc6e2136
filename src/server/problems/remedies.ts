import type { ErrorCode } from '../common/errors/index.js';

/** For whoever reads an answer and asks what now: why it was given, and what helps. */
export interface Remedy {
  readonly cause: string;
  readonly remedy: string;
}

export const LANGUAGES = ['fr', 'nl', 'en'] as const;
export type Language = (typeof LANGUAGES)[number];

const say = (cause: string, remedy: string): Remedy => ({ cause, remedy });

/** Every code in every language: one without does not compile. */
export const REMEDIES: Readonly<Record<ErrorCode, Readonly<Record<Language, Remedy>>>> = {
  input_invalid: {
    fr: say(
      'La demande n’a pas la forme attendue : un membre manque, est de trop ou n’a pas la bonne forme.',
      'Regardez « errors » : il nomme chaque endroit. Comparez avec openapi.json et corrigez ; répéter la même demande n’aide pas.',
    ),
    nl: say(
      'De aanvraag heeft niet de verwachte vorm: er ontbreekt iets, er staat iets te veel, of iets heeft een andere vorm.',
      'Kijk naar “errors”: daar staat elke plaats. Vergelijk met openapi.json en verbeter; dezelfde aanvraag herhalen helpt niet.',
    ),
    en: say(
      'The request has not the form that is expected: a member is missing, unknown, or has another form.',
      'Look at “errors”: it names each place. Compare with openapi.json and correct it; repeating the same request does not help.',
    ),
  },
  not_found: {
    fr: say(
      'Cela n’existe pas, ou n’est pas visible pour vous : la réponse est la même.',
      'Vérifiez l’adresse, l’identifiant et le service pour lequel l’appareil travaille.',
    ),
    nl: say(
      'Dit bestaat niet, of u mag het niet zien: het antwoord is hetzelfde.',
      'Controleer het adres, het id en de dienst waarvoor het toestel werkt.',
    ),
    en: say(
      'It does not exist, or you may not see it: the answer is the same.',
      'Check the address, the id and the service that the device works for.',
    ),
  },
  unauthorised: {
    fr: say(
      'Il manque un jeton valable ou une preuve DPoP valable, ou l’appareil a été révoqué.',
      'Regardez WWW-Authenticate. Avec « use_dpop_nonce », répétez avec le DPoP-Nonce de la réponse ; sinon demandez un nouveau jeton. Si cela reste refusé, demandez à votre coordination.',
    ),
    nl: say(
      'Er is geen geldig token of geen geldig DPoP-bewijs, of het toestel is ingetrokken.',
      'Kijk naar WWW-Authenticate. Bij “use_dpop_nonce”: herhaal met de DPoP-Nonce van het antwoord; vraag anders een nieuw token. Blijft het geweigerd, vraag het uw coördinatie.',
    ),
    en: say(
      'A valid token or a valid DPoP proof is missing, or the device was revoked.',
      'Look at WWW-Authenticate. With “use_dpop_nonce” repeat with the DPoP-Nonce of the answer; else ask for a new token. If it stays refused, ask your coordinator.',
    ),
  },
  wrong_state: {
    fr: say(
      'Cet acte n’est pas possible dans l’état actuel : quelqu’un a peut-être été plus rapide.',
      'Relisez l’état actuel et montrez-le avant de proposer un nouvel acte.',
    ),
    nl: say(
      'Deze handeling kan niet in de huidige toestand: misschien was iemand sneller.',
      'Lees de huidige toestand opnieuw en toon die voor u een nieuwe handeling voorstelt.',
    ),
    en: say(
      'This act is not possible in the present state: perhaps somebody was faster.',
      'Read the present state again, and show it before you offer another act.',
    ),
  },
  chain_moved: {
    fr: say(
      'Une autre déclaration ou un autre message est venu entre-temps.',
      'Lisez ce qui est nouveau, puis signez ou scellez de nouveau par-dessus.',
    ),
    nl: say(
      'Intussen kwam er een andere verklaring of een ander bericht.',
      'Lees wat nieuw is, en onderteken of verzegel daarna opnieuw.',
    ),
    en: say(
      'Another statement or message has come meanwhile.',
      'Read what is new, then sign or seal again on top of it.',
    ),
  },
  consent_mismatch: {
    fr: say(
      'Ce qui est envoyé n’est pas exactement ce à quoi la personne a consenti : service, but, points, dates ou destinataires.',
      'Ne changez pas l’envoi à la main. Reprenez le consentement avec la personne et scellez de nouveau.',
    ),
    nl: say(
      'Wat verstuurd wordt is niet precies waarvoor de persoon toestemming gaf: dienst, doel, punten, data of ontvangers.',
      'Verander de zending niet met de hand. Vraag de toestemming opnieuw aan de persoon en verzegel opnieuw.',
    ),
    en: say(
      'What is sent is not exactly what the person has consented to: service, purpose, points, dates or recipients.',
      'Do not change it by hand. Ask the person for consent again, and seal again.',
    ),
  },
  consent_inactive: {
    fr: say(
      'Le consentement a été retiré, est terminé ou n’a pas encore commencé.',
      'Arrêtez-vous là et effacez ce que vous avez, si le consentement a été retiré. Seule la personne peut consentir de nouveau.',
    ),
    nl: say(
      'De toestemming is ingetrokken, voorbij, of nog niet begonnen.',
      'Stop hier, en wis wat u hebt als de toestemming is ingetrokken. Alleen de persoon kan opnieuw toestemmen.',
    ),
    en: say(
      'The consent was withdrawn, has ended, or has not begun.',
      'Stop here, and erase what you have if it was withdrawn. Only the person can consent again.',
    ),
  },
  consent_used: {
    fr: say(
      'Ce consentement, ce code ou cet identifiant a déjà servi à un envoi.',
      'Regardez les envois : il est peut-être déjà arrivé. Un autre envoi demande un autre consentement.',
    ),
    nl: say(
      'Deze toestemming, deze code of dit id is al voor een zending gebruikt.',
      'Kijk bij de zendingen: misschien is ze al aangekomen. Een andere zending vraagt een andere toestemming.',
    ),
    en: say(
      'This consent, code or id has been used for a send already.',
      'Look among what was sent: perhaps it has arrived. Another send needs another consent.',
    ),
  },
  key_not_current: {
    fr: say(
      'Le registre ne montre pas cette clé comme la clé actuelle : elle a changé ou a été révoquée.',
      'Suivez le registre jusqu’au bout, reprenez la clé du service, puis scellez et signez de nouveau.',
    ),
    nl: say(
      'Het register toont deze sleutel niet als de huidige: hij is veranderd of ingetrokken.',
      'Volg het register tot het einde, neem de sleutel van de dienst opnieuw, en verzegel en onderteken opnieuw.',
    ),
    en: say(
      'The registry does not show this key as current: it has changed or was revoked.',
      'Follow the registry to its end, take the service’s key again, then seal and sign again.',
    ),
  },
  statement_invalid: {
    fr: say(
      'Un objet signé ne tient pas : sa forme, sa signature, sa clé ou ce qu’il dit.',
      'Regardez « errors » : « pointer » nomme l’objet, « inside » le membre de son contenu. Comparez avec docs/protocol.md et test/vectors.',
    ),
    nl: say(
      'Een ondertekend object klopt niet: de vorm, de handtekening, de sleutel of wat het zegt.',
      'Kijk naar “errors”: “pointer” noemt het object, “inside” het lid van de inhoud. Vergelijk met docs/protocol.md en test/vectors.',
    ),
    en: say(
      'A signed object does not hold: its form, its signature, its key, or what it says.',
      'Look at “errors”: “pointer” names the object, “inside” the member of its payload. Compare with docs/protocol.md and test/vectors.',
    ),
  },
  service_closed: {
    fr: say(
      'Le service ne reçoit pas d’orientations pour le moment.',
      'Cherchez un autre service avec la personne, ou réessayez plus tard.',
    ),
    nl: say(
      'De dienst neemt nu geen doorverwijzingen aan.',
      'Zoek samen met de persoon een andere dienst, of probeer later opnieuw.',
    ),
    en: say(
      'The service takes no referrals at present.',
      'Look for another service together with the person, or try again later.',
    ),
  },
  no_place: {
    fr: say(
      'Aucune place n’est libre, pour autant qu’on le sache.',
      'Cherchez un autre service, ou appelez celui-ci : ce qu’il a indiqué peut être ancien.',
    ),
    nl: say(
      'Er is geen plaats vrij, voor zover bekend.',
      'Zoek een andere dienst, of bel deze: wat hij opgaf kan oud zijn.',
    ),
    en: say(
      'No place is free, as far as is known.',
      'Look for another service, or call this one: what it stated may be old.',
    ),
  },
  agreement_required: {
    fr: say(
      'La charte demande une convention entre les deux organisations, pour ce but.',
      'Demandez à votre coordination si une convention existe ou peut être proposée.',
    ),
    nl: say(
      'Het charter vraagt een overeenkomst tussen de twee organisaties, voor dit doel.',
      'Vraag uw coördinatie of er een overeenkomst is, of voorgesteld kan worden.',
    ),
    en: say(
      'The charter asks for an agreement between the two organisations, for this purpose.',
      'Ask your coordinator whether there is one, or whether one can be proposed.',
    ),
  },
  reason_required: {
    fr: say(
      'Il manque un code de la liste fermée, ou un membre ne va pas avec cet acte.',
      'Prenez un code de /v1/reason-codes et les membres que docs/protocol.md indique pour cet acte.',
    ),
    nl: say(
      'Er ontbreekt een code van de gesloten lijst, of een lid past niet bij deze handeling.',
      'Neem een code uit /v1/reason-codes en de leden die docs/protocol.md voor deze handeling geeft.',
    ),
    en: say(
      'A code of the closed list is missing, or a member does not belong to this act.',
      'Take a code of /v1/reason-codes, and the members that docs/protocol.md gives for this act.',
    ),
  },
  second_device_required: {
    fr: say(
      'Cet acte demande l’accord d’un deuxième appareil de la même organisation, ou de son code papier.',
      'Demandez à un·e collègue de confirmer sur son appareil, puis envoyez cette confirmation.',
    ),
    nl: say(
      'Voor deze handeling is een tweede toestel van dezelfde organisatie nodig, of haar papieren code.',
      'Vraag een collega om op diens toestel te bevestigen, en stuur die bevestiging mee.',
    ),
    en: say(
      'This act needs the word of a second device of the same organisation, or of its paper code.',
      'Ask a colleague to confirm on their device, and send that confirmation along.',
    ),
  },
  idempotency_missing: {
    fr: say(
      'Cette demande a besoin d’un en-tête Idempotency-Key.',
      'Choisissez une clé au hasard, gardez-la avec la demande et renvoyez la même à chaque répétition.',
    ),
    nl: say(
      'Deze aanvraag heeft een header Idempotency-Key nodig.',
      'Kies een willekeurige sleutel, bewaar hem bij de aanvraag en stuur bij elke herhaling dezelfde.',
    ),
    en: say(
      'This request needs an Idempotency-Key header.',
      'Choose a random key, keep it with the request, and send the same with every repetition.',
    ),
  },
  idempotency_conflict: {
    fr: say(
      'Cette Idempotency-Key a déjà servi à une autre demande.',
      'Pour répéter, envoyez exactement les mêmes octets ; pour autre chose, prenez une nouvelle clé.',
    ),
    nl: say(
      'Deze Idempotency-Key is al voor een andere aanvraag gebruikt.',
      'Om te herhalen: stuur precies dezelfde bytes; neem voor iets anders een nieuwe sleutel.',
    ),
    en: say(
      'This Idempotency-Key was used for another request.',
      'To repeat, send the very same bytes; for anything else take a new key.',
    ),
  },
  in_progress: {
    fr: say(
      'La même demande, ou une demande égale, est encore en cours.',
      'Attendez le temps de Retry-After et envoyez la même demande.',
    ),
    nl: say(
      'Dezelfde aanvraag, of een gelijke, is nog bezig.',
      'Wacht zo lang als Retry-After zegt en stuur dezelfde aanvraag.',
    ),
    en: say(
      'The same request, or an equal one, is still being worked on.',
      'Wait for as long as Retry-After says, and send the same request.',
    ),
  },
  too_large: {
    fr: say(
      'La demande est trop grande.',
      'Envoyez moins à la fois ; les fichiers vont par parties de 128 Kio.',
    ),
    nl: say('De aanvraag is te groot.', 'Stuur minder tegelijk; bestanden gaan in delen van 128 KiB.'),
    en: say('The request is too large.', 'Send less at once; files go in parts of 128 KiB.'),
  },
  rate_limited: {
    fr: say(
      'Trop de demandes sont venues de cette adresse, ou trop de fichiers attendent leur envoi.',
      'Attendez le temps de Retry-After. RateLimit dit combien de demandes restent.',
    ),
    nl: say(
      'Er kwamen te veel aanvragen van dit adres, of er wachten te veel bestanden op hun zending.',
      'Wacht zo lang als Retry-After zegt. RateLimit zegt hoeveel aanvragen er over zijn.',
    ),
    en: say(
      'Too many requests have come from this address, or too many files wait to be sent.',
      'Wait for as long as Retry-After says. RateLimit says how many requests are left.',
    ),
  },
  quota_reached: {
    fr: say(
      'Votre organisation a déjà autant d’appareils, d’invitations ou d’orientations ouvertes que la charte le permet.',
      'Révoquez un appareil perdu, laissez expirer une invitation ou fermez une orientation. Le comité peut changer la charte.',
    ),
    nl: say(
      'Uw organisatie heeft al zoveel toestellen, uitnodigingen of open doorverwijzingen als het charter toelaat.',
      'Trek een verloren toestel in, laat een uitnodiging verlopen of sluit een doorverwijzing. Het comité kan het charter wijzigen.',
    ),
    en: say(
      'Your organisation has as many devices, invitations or open referrals as the charter allows.',
      'Revoke a lost device, let an invitation lapse or close a referral. The committee can change the charter.',
    ),
  },
  restore_needed: {
    fr: say(
      'La base de données est plus ancienne que ce que ce serveur a signé : il ne montre et n’accepte rien.',
      'Répétez plus tard. Qui tient le serveur lance « relais restore in-place » : la restauration se fait ouvertement.',
    ),
    nl: say(
      'De databank is ouder dan wat deze server heeft ondertekend: hij toont niets en neemt niets aan.',
      'Herhaal later. Wie de server beheert, start “relais restore in-place”: het herstel gebeurt openlijk.',
    ),
    en: say(
      'The database is older than what this server has signed: it shows nothing and takes nothing.',
      'Repeat it later. Whoever runs the server starts “relais restore in-place”: the restore is done openly.',
    ),
  },
  damaged: {
    fr: say(
      'Ce qui est gardé ici est abîmé et ne peut plus être lu. Le reste n’est pas touché.',
      'Répéter n’aide pas. Donnez le Request-Id à qui tient le serveur ; « relais doctor » dit quoi faire.',
    ),
    nl: say(
      'Wat hier bewaard wordt is beschadigd en kan niet meer worden gelezen. Al het andere is ongemoeid.',
      'Herhalen helpt niet. Geef de Request-Id aan wie de server beheert; “relais doctor” zegt wat te doen.',
    ),
    en: say(
      'What is stored here is damaged and cannot be read any more. Everything else is untouched.',
      'Repeating it does not help. Give the Request-Id to whoever runs the server; “relais doctor” says what to do.',
    ),
  },
  storage_full: {
    fr: say(
      'Le serveur n’a presque plus de place et n’accepte rien de nouveau. Les retraits et les réponses continuent.',
      'Répétez plus tard, avec la même clé. Qui tient le serveur libère de la place.',
    ),
    nl: say(
      'De server heeft bijna geen plaats meer en neemt niets nieuws aan. Intrekkingen en antwoorden gaan door.',
      'Herhaal later, met dezelfde sleutel. Wie de server beheert, maakt plaats vrij.',
    ),
    en: say(
      'The server has little room left and takes nothing new. Withdrawals and answers go on.',
      'Repeat it later, with the same key. Whoever runs the server makes room.',
    ),
  },
  overloaded: {
    fr: say(
      'La machine ne peut pas répondre pour le moment. Ce n’est pas la faute de la demande.',
      'Renvoyez la même demande, avec la même clé, après le temps de Retry-After. Si cela dure, donnez le Request-Id à qui tient le serveur.',
    ),
    nl: say(
      'De machine kan nu niet antwoorden. Dat ligt niet aan de aanvraag.',
      'Stuur dezelfde aanvraag, met dezelfde sleutel, na de tijd van Retry-After. Blijft het duren, geef de Request-Id aan wie de server beheert.',
    ),
    en: say(
      'The machine cannot answer at present. It is not the request’s fault.',
      'Send the same request, with the same key, after the time of Retry-After. If it lasts, give the Request-Id to whoever runs the server.',
    ),
  },
};
