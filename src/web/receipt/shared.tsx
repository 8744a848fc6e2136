import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import type { Attachment } from '../../client/referral/attachments.js';
import type { ReceiptStory, Shared } from '../../client/receipt/receipt-story.js';
import { recordText } from '../../client/translations/record-text.js';
import { labelOf } from '../../client/translations/translations.js';
import { visibleText } from '../../protocol/encoding/plain-text.js';
import { useSpeech } from '../shared/i18n.js';
import { Trouble, useAct } from '../shared/ui.js';
import { save } from './copy.js';
import type { Connection } from './door.js';

interface SharedPartProps {
  readonly story: ReceiptStory;
  readonly connection: Connection;
}

/** What was passed on, exactly as the service reads it, under the words of the consent screen. */
export function SharedPart({ story, connection }: SharedPartProps): JSX.Element {
  const { say, tell } = useSpeech();
  const [shared, setShared] = useState<Shared | null>();
  const act = useAct(async () => setShared((await connection.call('shared')) ?? null));
  useEffect(act.run, []);
  if (shared === null) return <p>{say('shared-none')}</p>;
  if (!shared) {
    return (
      <>
        <p role="status">{act.isRunning ? say('working') : ''}</p>
        <Trouble message={act.trouble} />
      </>
    );
  }
  return (
    <>
      <p>{tell('shared-text', { service: story.target.service.name })}</p>
      <Record shared={shared} connection={connection} />
      <How shared={shared} />
      <p class="hint">{say('shared-trust')}</p>
    </>
  );
}

/** Members in the order in which a person tells them, then the rest. */
function Record({
  shared,
  connection,
}: {
  readonly shared: Shared;
  readonly connection: Connection;
}): JSX.Element {
  const speech = useSpeech();
  const { attachments, ...members } = shared.record as { attachments?: readonly Attachment[] };
  return (
    <dl class="card">
      {Object.entries(members).map(([name, value]) => (
        <div key={name}>
          <dt>{labelOf(speech.translations.fields, name)}</dt>
          <dd dir="auto">{visibleText(recordText(value, speech.translations, speech.language))}</dd>
        </div>
      ))}
      {(attachments ?? []).map((attachment) => (
        <div key={attachment.id}>
          <dt>{labelOf(speech.translations.fields, 'attachments')}</dt>
          <dd>
            <SaveFile attachment={attachment} connection={connection} />
          </dd>
        </div>
      ))}
    </dl>
  );
}

function SaveFile(props: { readonly attachment: Attachment; readonly connection: Connection }): JSX.Element {
  const { say, tell } = useSpeech();
  const { attachment, connection } = props;
  const act = useAct(async () => save(await connection.call('attachment', attachment), 'relais'));
  const size = Math.max(1, Math.round(attachment.size / 1000));
  return (
    <>
      <button type="button" onClick={act.run}>
        {act.isRunning ? say('working') : tell('shared-file', { type: attachment.type, size: `${size}` })}
      </button>
      <Trouble message={act.trouble} />
    </>
  );
}

function How({ shared: { consentRecord, notice } }: { readonly shared: Shared }): JSX.Element {
  const { say, translations } = useSpeech();
  const { modality, representation } = consentRecord;
  return (
    <>
      <h2>{say('shared-how')}</h2>
      <p>{translations.modalities[modality]}</p>
      {representation !== 'none' && <p>{translations.representations[representation]}</p>}
      {notice !== undefined && (
        <details>
          <summary>{say('shared-notice')}</summary>
          <p class="notice" lang={consentRecord.language} dir="auto">
            {notice}
          </p>
        </details>
      )}
    </>
  );
}
