/**
 * The notice `refer@1` as it is read to a person before they decide, in plain language (B1). The charter names the
 * SHA-256 of each text: to change a word is to write a new version and to vote it.
 */
export const REFER_1: Readonly<Record<string, string>> = {
  en: `What happens if you say yes
We pass on what you choose, and nothing else, to one service: the one we have just named to you.
You choose what is written, point by point. You can say no to each point.
It is locked so that only that service, our service and you can read it. The people who run the computer cannot read it.
It may be opened until the first date on your paper, and it is kept until the second date at the latest. Then it is deleted.
You can take your consent back at any time, without giving a reason, with the code on your paper, or by telling either service. What was passed on is then deleted from the system. What somebody has already read or written down elsewhere cannot be taken back by the computer; you can ask that service to delete it.
A list that anybody can check shows that somebody consented and withdrew. It does not show who, or to which service.
You may say no, or decide later. The help you get here stays the same.`,
  fr: `Ce qui se passe si vous dites oui
Nous transmettons ce que vous choisissez, et rien d’autre, à un seul service : celui que nous venons de vous nommer.
Vous choisissez ce qui est écrit, point par point. Vous pouvez dire non à chaque point.
C’est fermé à clé : seuls ce service, notre service et vous pouvez le lire. Les personnes qui s’occupent de l’ordinateur ne peuvent pas le lire.
On peut l’ouvrir jusqu’à la première date sur votre papier, et il est gardé au plus tard jusqu’à la deuxième date. Ensuite, il est effacé.
Vous pouvez retirer votre accord à tout moment, sans donner de raison, avec le code sur votre papier, ou en le disant à l’un des deux services. Ce qui a été transmis est alors effacé du système. Ce que quelqu’un a déjà lu ou noté ailleurs, l’ordinateur ne peut pas le reprendre ; vous pouvez demander à ce service de l’effacer.
Une liste que tout le monde peut contrôler montre que quelqu’un a donné puis retiré son accord. Elle ne montre ni qui, ni à quel service.
Vous pouvez dire non, ou décider plus tard. L’aide que vous recevez ici reste la même.`,
  nl: `Wat er gebeurt als u ja zegt
Wij geven door wat u kiest, en niets anders, aan één dienst: de dienst die wij u net hebben genoemd.
U kiest wat er wordt opgeschreven, punt per punt. U kunt bij elk punt nee zeggen.
Het is op slot: alleen die dienst, onze dienst en u kunnen het lezen. De mensen die voor de computer zorgen, kunnen het niet lezen.
Het mag worden geopend tot de eerste datum op uw papier, en het wordt uiterlijk tot de tweede datum bewaard. Daarna wordt het gewist.
U kunt uw toestemming altijd intrekken, zonder een reden te geven, met de code op uw papier, of door het aan een van de twee diensten te zeggen. Wat werd doorgegeven, wordt dan uit het systeem gewist. Wat iemand al heeft gelezen of ergens anders heeft opgeschreven, kan de computer niet terugnemen; u kunt die dienst vragen om het te wissen.
Een lijst die iedereen kan controleren, toont dat iemand toestemming gaf en introk. Ze toont niet wie, en niet aan welke dienst.
U mag nee zeggen, of later beslissen. De hulp die u hier krijgt, blijft dezelfde.`,
};
