import { once } from 'node:events';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { until } from './database.js';

export interface ReceivedMail {
  readonly from: string;
  readonly to: string;
  readonly text: string;
}

/** A mail server on loopback that keeps what it takes (RFC 5321, as much as one message needs). */
export class TestSmtp {
  readonly mails: ReceivedMail[] = [];
  /** Every line that a client has said. */
  readonly said: string[] = [];
  refuses = false;

  private constructor(private readonly server: Server) {
    server.on('connection', (socket) => this.speak(socket));
  }

  static async start(): Promise<TestSmtp> {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new TestSmtp(server);
  }

  get url(): string {
    return `smtp://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  async hasReceived(count: number): Promise<readonly ReceivedMail[]> {
    await until(() => Promise.resolve(this.mails.length >= count));
    return this.mails;
  }

  close(): void {
    this.server.close();
  }

  private speak(socket: Socket): void {
    let [rest, from, to] = ['', '', ''];
    let text: string | undefined;
    const say = (line: string) => socket.write(`${line}\r\n`);
    const hear = (line: string) => {
      if (text !== undefined) {
        if (line !== '.') return void (text += `${line}\n`);
        this.mails.push({ from, to, text });
        text = undefined;
        return void say('250 ok');
      }
      this.said.push(line);
      const address = /<([^>]*)>/.exec(line)?.[1] ?? '';
      if (/^MAIL/i.test(line)) from = address;
      if (/^RCPT/i.test(line)) to = address;
      if (/^RCPT/i.test(line) && this.refuses) return void say('451 later');
      if (/^DATA/i.test(line)) text = '';
      say(/^DATA/i.test(line) ? '354 go on' : /^QUIT/i.test(line) ? '221 bye' : '250 ok');
    };
    say('220 test');
    socket.on('error', () => undefined);
    socket.on('data', (chunk: Buffer) => {
      const lines = (rest + chunk.toString()).split('\r\n');
      rest = lines.pop() ?? '';
      lines.forEach(hear);
    });
  }
}
