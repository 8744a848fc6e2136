import type { ComponentChildren, JSX } from 'preact';
import type { ReceiptStory } from '../../client/receipt/receipt-story.js';
import { labelOf } from '../../client/translations/translations.js';
import { useSpeech, type Speech } from '../shared/i18n.js';

/** Where it stands, and each thing that happened, in plain words and in their order. */
export function Standing({ story }: { readonly story: ReceiptStory }): JSX.Element {
  const { translations } = useSpeech();
  const speech = useSpeech();
  const why =
    knownLabel(translations.statusReasons, story.statusReason) ??
    knownLabel(translations.outcomes, story.outcome);
  const now = knownLabel(translations.businessStatuses, story.businessStatus);
  return (
    <section class="card">
      <p class="large">{labelOf(translations.statuses, story.status)}</p>
      {why !== undefined && <p>{why}</p>}
      {now !== undefined && <p>{now}</p>}
      <ul>
        {sentencesOf(story, speech).map((sentence, place) => (
          <li key={place}>{sentence}</li>
        ))}
      </ul>
    </section>
  );
}

/** A code that this page does not know yet is left out: the status above says the same more plainly. */
function knownLabel(labels: Readonly<Record<string, string>>, code: string | null): string | undefined {
  return code !== null && Object.hasOwn(labels, code) ? labels[code] : undefined;
}

function sentencesOf(story: ReceiptStory, { say, tell, day }: Speech): ComponentChildren[] {
  const { source, target, withdrawn } = story;
  const between = { source: source.service.name, target: target.service.name };
  const nameOf = (side: 'source' | 'target'): string => between[side];
  const opened = story.disclosures.map((seen) =>
    tell('opened-on', {
      service: nameOf(seen.service === target.service.id ? 'target' : 'source'),
      day: day(seen.day),
    }),
  );
  const isWaiting = opened.length === 0 && story.contentKept;
  const sides = (['source', 'target'] as const).filter((side) => story.erased[side]);
  return [
    tell('between', between),
    say('given-on', { day: day(story.given) }),
    ...(isWaiting ? [say('opened-not'), say('open-until', { day: day(story.sendUntil) })] : opened),
    ...story.renewals.map((each) => say('renewed-on', { day: day(each.day), until: day(each.keepUntil) })),
    ...(withdrawn ? [say('withdrawn-on', { day: day(withdrawn.day) })] : []),
    ...(withdrawn && withdrawn.by !== 'person'
      ? [tell('withdrawn-word', { service: nameOf(withdrawn.by) })]
      : []),
    story.contentKept ? say('kept-until', { day: day(story.keepUntil) }) : say('deleted'),
    ...sides.map((side) => tell('erased-by', { service: nameOf(side) })),
  ];
}
