import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { receiptFile } from '../../client/receipt/receipt-file.js';
import { useSpeech } from '../shared/i18n.js';
import { Form, useAct } from '../shared/ui.js';
import type { Connection } from './door.js';

/** Everything in one file on this device; nothing of it is kept by the page. */
export function SaveCopy({ connection }: { readonly connection: Connection }): JSX.Element {
  const { say, language } = useSpeech();
  const [isSaved, setSaved] = useState(false);
  const act = useAct(async () => {
    const file = receiptFile({ ...(await connection.call('copy')), language });
    save(new Blob([file], { type: 'text/html' }), 'relais.html');
    setSaved(true);
  });
  return (
    <section>
      <h2>{say('copy-title')}</h2>
      <p>{say('copy-text')}</p>
      <Form act={act} label="copy-save">
        <p role="status">{isSaved ? say('copy-saved') : ''}</p>
      </Form>
    </section>
  );
}

/** Hands bytes to the browser's own saving. */
export function save(bytes: Blob, name: string): void {
  const url = URL.createObjectURL(bytes);
  const link = Object.assign(document.createElement('a'), { href: url, download: name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}
