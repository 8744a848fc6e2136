import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

/** Before PostgreSQL has the request, or after it has carried it out and nobody has heard so. */
export type Moment = 'before' | 'after';

interface Cut {
  readonly at: number;
  readonly moment: Moment;
  readonly act: () => void;
}

/**
 * Simple query and Sync: the messages of PostgreSQL's protocol that are answered, one step of a transaction
 * each.
 */
const REQUESTS = new Set(['Q', 'S']);

/**
 * A network that fails as it is told to, between a server and its database: it delays, swallows and resets,
 * and cuts at the n-th request, so that a test can stop the world at every step without a hook in what it
 * tests.
 */
export class Proxy {
  delayMs = 0;
  swallows = false;
  /** Requests that have come since `cutAt`. */
  requests = 0;
  private cut: Cut | undefined;
  private readonly pairs = new Set<readonly [Socket, Socket]>();

  private constructor(private readonly socketPath: string) {}

  private readonly listener = createServer((client) => {
    const server = connect(this.socketPath);
    const pair = [client, server] as const;
    this.pairs.add(pair);
    let isMute = false;
    const frames = new Frames();
    client.on('data', (chunk: Buffer) => {
      const isLast = frames.requestsIn(chunk).some(() => ++this.requests === this.cut?.at);
      isMute ||= isLast;
      if (isLast && this.cut?.moment === 'before') this.cut.act();
      else this.pass(chunk, server);
    });
    server.on('data', (chunk: Buffer) => {
      if (!isMute) this.pass(chunk, client);
      else if (this.cut?.moment === 'after') this.cut.act();
    });
    for (const [one, other] of [pair, [server, client] as const]) {
      one.on('error', () => undefined);
      one.on('close', () => void (other.destroy(), this.pairs.delete(pair)));
    }
  });

  static async to(socketPath: string): Promise<Proxy> {
    const proxy = new Proxy(socketPath);
    await new Promise<void>((done) => proxy.listener.listen(0, '127.0.0.1', done));
    return proxy;
  }

  /** The same database by way of this proxy. */
  through(url: string): string {
    const { port } = this.listener.address() as AddressInfo;
    const through = new URL(url);
    through.search = '';
    through.host = `127.0.0.1:${port}`;
    return through.href;
  }

  /** Acts once at the n-th request from now, which is then never answered. */
  cutAt(at: number, moment: Moment, act: () => void): void {
    this.requests = 0;
    const once = (): void => {
      this.cut = undefined;
      act();
    };
    this.cut = { at, moment, act: once };
  }

  reset(): void {
    for (const [client, server] of this.pairs) {
      client.resetAndDestroy();
      server.destroy();
    }
  }

  async close(): Promise<void> {
    this.reset();
    await new Promise((done) => this.listener.close(done));
  }

  private pass(chunk: Buffer, to: Socket): void {
    if (this.swallows) return;
    if (this.delayMs === 0) to.write(chunk);
    else setTimeout(() => to.write(chunk), this.delayMs);
  }
}

/** Finds the messages in what a client sends; the first of a connection has no type. */
class Frames {
  private rest = Buffer.alloc(0);
  private isFirst = true;

  requestsIn(chunk: Buffer): string[] {
    this.rest = Buffer.concat([this.rest, chunk]);
    const found: string[] = [];
    for (let start = this.isFirst ? 0 : 1; this.rest.length >= start + 4; start = 1) {
      const end = start + this.rest.readUInt32BE(start);
      if (this.rest.length < end) break;
      if (!this.isFirst) found.push(this.rest.toString('latin1', 0, 1));
      this.isFirst = false;
      this.rest = this.rest.subarray(end);
    }
    return found.filter((type) => REQUESTS.has(type));
  }
}
