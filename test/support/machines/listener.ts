import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { until } from './database.js';

export interface Received {
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** An HTTP server of somebody else: it keeps what it is sent, and answers as it is told to. */
export class Listener {
  readonly received: Received[] = [];
  /** Connections, whether or not a request ever came by them. */
  connections = 0;
  answer: (response: ServerResponse) => void = (response) => void response.writeHead(204).end();

  private constructor(private readonly server: Server) {
    server.on('connection', () => (this.connections += 1));
    server.on('request', (request, response) => {
      let body = '';
      request.on('data', (chunk: Buffer) => (body += chunk.toString()));
      request.on('end', () => {
        this.received.push({ headers: request.headers, body });
        this.answer(response);
      });
    });
  }

  static async at(host = '127.0.0.1', port = 0): Promise<Listener> {
    const server = createServer();
    server.listen(port, host);
    await once(server, 'listening');
    return new Listener(server);
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  get url(): string {
    const { address } = this.server.address() as AddressInfo;
    return `http://${address}:${this.port}/hook`;
  }

  async hasReceived(count: number): Promise<readonly Received[]> {
    await until(() => Promise.resolve(this.received.length >= count));
    return this.received;
  }

  close(): void {
    this.server.closeAllConnections();
    this.server.close();
  }
}
