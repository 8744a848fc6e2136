import { createSocket, type Socket } from 'node:dgram';
import { Resolver } from 'node:dns/promises';
import { once } from 'node:events';
import { isIP } from 'node:net';

/** Addresses of a name, at the n-th time that somebody asks for them (from 0). */
export type Zone = Readonly<Record<string, (time: number) => readonly string[]>>;

const TYPE = { A: 1, AAAA: 28 } as const;

/** A name server on loopback that may change its mind, and a resolver that asks it alone. */
export class TestDns {
  readonly resolver = new Resolver({ timeout: 1_000, tries: 1 });
  private readonly asked = new Map<string, number>();

  private constructor(
    private readonly socket: Socket,
    private readonly zone: Zone,
  ) {
    this.resolver.setServers([`127.0.0.1:${socket.address().port}`]);
    socket.on('message', (query, { port, address }) => socket.send(this.answer(query), port, address));
  }

  static async of(zone: Zone): Promise<TestDns> {
    const socket = createSocket('udp4').bind(0, '127.0.0.1');
    await once(socket, 'listening');
    return new TestDns(socket, zone);
  }

  close(): void {
    this.socket.close();
  }

  /**
   * RFC 1035, section 4.1: the header, the question again, and a record for each address of the kind asked
   * for.
   */
  private answer(query: Buffer): Buffer {
    const { name, end } = questionOf(query);
    const type = query.readUInt16BE(end - 4);
    const records = this.addressesOf(name, type).map((address) => recordOf(type, address));
    const header = Buffer.from(query.subarray(0, 12));
    header.writeUInt16BE(0x8180, 2);
    header.writeUInt16BE(records.length, 6);
    header.writeUInt32BE(0, 8);
    return Buffer.concat([header, query.subarray(12, end), ...records]);
  }

  private addressesOf(name: string, type: number): readonly string[] {
    const key = `${type} ${name}`;
    const time = this.asked.get(key) ?? 0;
    this.asked.set(key, time + 1);
    const version = type === TYPE.AAAA ? 6 : 4;
    return (this.zone[name]?.(time) ?? []).filter((address) => isIP(address) === version);
  }
}

function questionOf(query: Buffer): { name: string; end: number } {
  const labels: string[] = [];
  let at = 12;
  for (let length = query[at] ?? 0; length > 0; length = query[at] ?? 0) {
    labels.push(query.toString('latin1', at + 1, at + 1 + length));
    at += 1 + length;
  }
  return { name: labels.join('.').toLowerCase(), end: at + 5 };
}

function recordOf(type: number, address: string): Buffer {
  const bytes = type === TYPE.A ? Buffer.from(address.split('.').map(Number)) : ipv6Bytes(address);
  const head = Buffer.alloc(12);
  head.writeUInt16BE(0xc00c, 0);
  head.writeUInt16BE(type, 2);
  head.writeUInt16BE(1, 4);
  head.writeUInt16BE(bytes.length, 10);
  return Buffer.concat([head, bytes]);
}

/** `::` and hexadecimal groups. */
function ipv6Bytes(address: string): Buffer {
  const [left = '', right] = address.split('::');
  const groups = (text: string) => (text === '' ? [] : text.split(':'));
  const [first, last] = [groups(left), groups(right ?? '')];
  const zeros = Array<string>(8 - first.length - last.length).fill('0');
  const all = [...first, ...(right === undefined ? [] : zeros), ...last];
  return Buffer.from(all.map((group) => group.padStart(4, '0')).join(''), 'hex');
}
