import { connect, type Socket } from 'node:net';

export interface Load {
  readonly port: number;
  readonly connections: number;
  /** Ends earlier if there are no more requests. */
  readonly seconds: number;
  /** The next request as its bytes on the wire, or undefined when there are no more. */
  readonly next: () => Buffer | undefined;
}

export interface Answered {
  readonly answers: number;
  readonly seconds: number;
  /** Milliseconds of every answer, in the order in which they came. */
  readonly latencies: readonly number[];
}

/** Keep-alive connections that send one prepared request after another. Anything but a 2xx ends the run. */
export async function drive({ port, connections, seconds, next }: Load): Promise<Answered> {
  const latencies: number[] = [];
  const start = performance.now();
  const end = start + seconds * 1000;
  const isOver = (): boolean => performance.now() >= end;
  const one = async (): Promise<void> => {
    const connection = await Connection.open(port);
    for (let request = next(); request && !isOver(); request = next()) {
      const sent = performance.now();
      await connection.exchange(request);
      latencies.push(performance.now() - sent);
    }
    connection.close();
  };
  await Promise.all(Array.from({ length: connections }, one));
  return { answers: latencies.length, seconds: (performance.now() - start) / 1000, latencies };
}

const LENGTH = /\r\ncontent-length: (\d+)\r\n/i;

/** As little HTTP as a load needs: an answer with a length, read whole. */
class Connection {
  private received: Buffer[] = [];
  private waiting: { readonly done: () => void; readonly failed: (error: Error) => void } | undefined;

  private constructor(private readonly socket: Socket) {
    socket.on('data', (chunk: Buffer) => this.take(chunk));
    socket.on('error', (error) => this.waiting?.failed(error));
    socket.on('close', () => this.waiting?.failed(new Error('the server closed the connection')));
  }

  static async open(port: number): Promise<Connection> {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true });
    await new Promise((done, failed) => socket.once('connect', done).once('error', failed));
    return new Connection(socket);
  }

  exchange(request: Buffer): Promise<void> {
    return new Promise((done, failed) => {
      this.waiting = { done, failed };
      this.socket.write(request);
    });
  }

  close(): void {
    this.waiting = undefined;
    this.socket.destroy();
  }

  private take(chunk: Buffer): void {
    this.received.push(chunk);
    const answer = this.received.length === 1 ? chunk : Buffer.concat(this.received);
    const head = answer.indexOf('\r\n\r\n');
    if (head < 0) return;
    const text = answer.toString('latin1', 0, head + 2);
    if (answer.length < head + 4 + Number(LENGTH.exec(text)?.[1] ?? 0)) return;
    this.received = [];
    const isGood = text.startsWith('HTTP/1.1 2');
    if (isGood) this.waiting?.done();
    else this.waiting?.failed(new Error(answer.toString('latin1')));
  }
}
