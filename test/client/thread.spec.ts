import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { listMessages, sendMessage, type Device } from '../../src/client/index.js';
import { deceived } from '../support/machines/liar.js';
import { givenReferral } from '../support/network/makers.js';
import { givenNetwork, type FoundedServer } from '../support/machines/process.js';

interface Item {
  place: number;
  wrap: string;
  body: string;
}

/**
 * What a server that lies about a thread can make of it: nothing that is not noticed, but for its newest end.
 */
describe('a thread that a server has tampered with', () => {
  let server: FoundedServer;
  let receiver: Device;
  let referral: string;

  beforeAll(async () => {
    server = await givenNetwork();
    receiver = server.network.clinique.worker;
    ({ referral } = await givenReferral(server, 'received'));
    for (const text of ['one', 'two', 'three'])
      await sendMessage(server.network.laRuelle.worker, referral, text);
  });
  afterAll(() => server.stop());

  async function told(change: (items: Item[]) => Item[]): Promise<string[]> {
    const device = await deceived(receiver.state, (body, path) => {
      if (path.endsWith('/messages')) body['items'] = change(body['items'] as Item[]);
    });
    const read = await listMessages(device, referral);
    return read.map((message) => (message.side === null ? message.refused : message.text));
  }

  it('is read as it was written when it is not', async () => {
    expect(await told((items) => items)).toEqual(['one', 'two', 'three']);
  });

  it('shows a gap: what follows a message that is missing is refused', async () => {
    expect(await told(([one, , three]) => [one, three] as Item[])).toEqual(['one', 'message-number']);
    expect(await told(([, two, three]) => [two, three] as Item[])).toEqual([
      'message-number',
      'message-number',
    ]);
  });

  it('shows a message that comes again, and one that comes in another order', async () => {
    const refused = 'message-number';
    expect(await told(([one, two, three]) => [one, two, two, three] as Item[])).toEqual([
      'one',
      'two',
      refused,
      'three',
    ]);
    expect(await told(([one, two, three]) => [two, one, three] as Item[])).toEqual([
      refused,
      'message-previous',
      refused,
    ]);
  });

  it('shows nothing of a message that was changed in any of its bytes', async () => {
    const bend = (text: string, at: number): string =>
      text.slice(0, at) + (text[at] === 'A' ? 'B' : 'A') + text.slice(at + 1);
    for (const [change, check] of [
      [(item: Item) => ({ ...item, wrap: bend(item.wrap, 10) }), 'hpke'],
      [(item: Item) => ({ ...item, body: bend(item.body, 10) }), 'commitment'],
      [(item: Item) => ({ ...item, body: bend(item.body, 60) }), 'commitment'],
      [(item: Item) => ({ ...item, body: bend(item.body, 2000) }), 'chunk'],
    ] as const) {
      const read = await told((items) => items.map((item, i) => (i === 1 ? change(item) : item)));
      expect(read.slice(0, 2)).toEqual(['one', check]);
      expect(read[2]).toMatch(/^message-/);
    }
  });

  it('is written on by nobody who was shown another: the server takes no second message for a place', async () => {
    const device = await deceived(receiver.state, (body, path) => {
      if (path.endsWith('/messages') && 'items' in body)
        body['items'] = (body['items'] as Item[]).slice(0, 2);
    });
    await expect(sendMessage(device, referral, 'four')).rejects.toMatchObject({ code: 'chain_moved' });
    expect(await told((items) => items)).toEqual(['one', 'two', 'three']);
  });
});
