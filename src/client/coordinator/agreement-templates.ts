/**
 * An agreement in plain words, to be changed by whoever signs it. What stands in braces is to be filled in;
 * the terms that are signed beside it (parties, services, purposes, days) win where the two differ.
 */
export const AGREEMENT_TEMPLATES = {
  fr: `Convention d'orientation

Entre {organisation A} et {organisation B}.

1. Pour quoi. Nos services {service A} et {service B} orientent des personnes l'un vers l'autre pour : {finalités}.
2. La personne décide. Rien n'est transmis sans son accord, donné pour ce service et pour cette orientation. Elle peut le retirer à tout moment, sans raison à donner et sans perdre l'aide.
3. Peu. Nous ne transmettons que ce que la personne a accepté. Le service qui reçoit ne demande pas plus que ce qu'il a annoncé.
4. Réponse. Le service qui reçoit répond dans les délais de la charte. S'il refuse, il dit pourquoi.
5. Secret. Chaque travailleur garde le secret professionnel. Ce qui est reçu sert à aider la personne et à rien d'autre.
6. Chacun sa manière. Personne ne change sa façon de travailler. Chaque service garde ses propres questions d'accueil.
7. Personnes de contact. {nom ou fonction A} et {nom ou fonction B} se parlent au moins {nombre} fois par an.
8. Durée. Du {premier jour} au {dernier jour}. Chaque partie peut y mettre fin seule, avec un préavis de {jours} jours. La fin ne change rien aux orientations déjà acceptées.
`,
  nl: `Doorverwijzingsovereenkomst

Tussen {organisatie A} en {organisatie B}.

1. Waarvoor. Onze diensten {dienst A} en {dienst B} verwijzen mensen naar elkaar door voor: {doelen}.
2. De persoon beslist. Er wordt niets doorgegeven zonder toestemming, gegeven voor deze dienst en voor deze doorverwijzing. De persoon kan ze altijd intrekken, zonder reden te geven en zonder hulp te verliezen.
3. Weinig. We geven alleen door waarmee de persoon akkoord ging. De ontvangende dienst vraagt niet meer dan wat hij aankondigde.
4. Antwoord. De ontvangende dienst antwoordt binnen de termijnen van het charter. Als hij weigert, zegt hij waarom.
5. Geheim. Elke medewerker bewaart het beroepsgeheim. Wat ontvangen is, dient om de persoon te helpen en voor niets anders.
6. Ieder op zijn manier. Niemand verandert zijn manier van werken. Elke dienst houdt zijn eigen intakevragen.
7. Contactpersonen. {naam of functie A} en {naam of functie B} spreken elkaar minstens {aantal} keer per jaar.
8. Duur. Van {eerste dag} tot {laatste dag}. Elke partij kan er alleen een einde aan maken, met een opzegging van {dagen} dagen. Het einde verandert niets aan doorverwijzingen die al aanvaard zijn.
`,
  en: `Referral agreement

Between {organisation A} and {organisation B}.

1. What for. Our services {service A} and {service B} refer people to each other for: {purposes}.
2. The person decides. Nothing is passed on without their consent, given for this service and for this referral. They can take it back at any time, without giving a reason and without losing help.
3. Little. We pass on only what the person agreed to. The receiving service does not ask for more than it has announced.
4. Answer. The receiving service answers within the charter's times. If it refuses, it says why.
5. Secrecy. Every worker keeps professional secrecy. What is received serves to help the person and nothing else.
6. Each in their own way. Nobody changes how they work. Each service keeps its own intake questions.
7. Contacts. {name or role A} and {name or role B} speak to each other at least {number} times a year.
8. Duration. From {first day} to {last day}. Each party can end it alone, with {days} days' notice. The end changes nothing for referrals that were accepted already.
`,
} as const;
