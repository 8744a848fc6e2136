import { randomBytes } from 'node:crypto';
import { createServer } from 'node:http';
import Provider from 'oidc-provider';

const ALGORITHMS = ['Ed25519', 'EdDSA', 'ES256'];

/** A process of its own: it takes the clients by message, and answers with its address. */
process.once('message', (clients) => {
  let answer;
  const server = createServer((request, response) => answer(request, response));
  server.listen(0, '127.0.0.1', () => {
    const address = `http://127.0.0.1:${server.address().port}`;
    answer = new Provider(address, configuration(clients)).callback();
    process.send(address);
  });
});

/** The features that we have, and no others. */
function configuration(clients) {
  return {
    clients,
    clientAuthMethods: ['private_key_jwt'],
    enabledJWA: { clientAuthSigningAlgValues: ALGORITHMS, dPoPSigningAlgValues: ALGORITHMS },
    routes: { token: '/v1/token' },
    ttl: { ClientCredentials: 300 },
    features: {
      devInteractions: { enabled: false },
      clientCredentials: { enabled: true },
      dPoP: { enabled: true, nonceSecret: randomBytes(32), requireNonce: () => true },
    },
  };
}
