/** Imports run one way. test/architecture.spec.ts holds the project to these rules. */

/** Features import downwards only; those on one line do not know each other. */
const FLOORS = [
  ['audit', 'statistics', 'notifications'],
  ['receipts'],
  ['referrals'],
  ['handoffs'],
  ['agreements'],
  ['directory'],
  ['organisations'],
  ['charter'],
  ['log'],
];
const FEATURES = FLOORS.flat();
/** Files directly in src/ start the server and list its modules. */
const ROOTS = '^src/[^/]+$';
const SERVER = '^src/(?:server/|[^/]+$)';

const among = (names) => `^src/server/(?:${names.join('|')})/`;
const from = (path, pathNot = []) => ({ path, pathNot });

function forbid(name, comment, fromWhere, to) {
  return { name, comment, severity: 'error', from: fromWhere, to };
}

const upwards = FLOORS.flatMap((floor, height) =>
  floor.map((feature) => {
    const allowed = [feature, ...FLOORS.slice(height + 1).flat()];
    const above = FEATURES.filter((name) => !allowed.includes(name));
    return forbid(
      `${feature}-imports-downwards`,
      'A feature imports only features below it.',
      from(`^src/server/${feature}/`),
      { path: among([...above, 'health']) },
    );
  }),
);

const indexOnly = FEATURES.map((feature) =>
  forbid(
    `${feature}-by-its-index`,
    'Another feature sees only what the index exports.',
    from('^src/', [`^src/server/${feature}/`]),
    { path: `^src/server/${feature}/`, pathNot: `^src/server/${feature}/index[.]ts$` },
  ),
);

const layers = [
  forbid(
    'protocol-is-the-ground',
    'protocol/ runs in browsers and imports nothing of ours.',
    from('^src/protocol/'),
    {
      path: '^src/',
      pathNot: '^src/protocol/',
    },
  ),
  forbid(
    'protocol-is-pure',
    'protocol/ and client/ have no Node in them (base64.ts, ed25519.ts and sha256.ts have browser twins).',
    from('^src/(?:protocol|client)/', ['^src/protocol/crypto/(?:ed25519|sha256)[.]ts$']),
    { dependencyTypes: ['core'] },
  ),
  forbid(
    'libsodium-in-crypto-only',
    'One folder touches libsodium.',
    from('^(?:src|migrations)/', ['^src/protocol/crypto/']),
    {
      path: 'node_modules/libsodium',
    },
  ),
  forbid('client-on-protocol', 'client/ imports protocol/ alone.', from('^src/client/'), {
    path: '^src/',
    pathNot: '^src/(?:client|protocol)/',
  }),
  forbid('web-on-client', 'web/ imports client/ and protocol/.', from('^src/web/'), {
    path: '^src/',
    pathNot: '^src/(?:web|client|protocol)/',
  }),
  forbid(
    'cli-without-server',
    'cli/ starts main.js as a process; it never imports the server.',
    from('^src/cli/'),
    {
      path: '^src/',
      pathNot: '^src/(?:(?:cli|client|protocol|database)/|process[.]ts$)',
    },
  ),
  forbid('database-is-ground', 'database/ imports nothing of ours.', from('^src/database/'), {
    path: '^src/',
    pathNot: '^src/database/',
  }),
  forbid(
    'config-on-database',
    'config/ imports only database/, protocol/ and what every process is.',
    from('^src/server/config/'),
    {
      path: '^src/',
      pathNot: '^src/(?:(?:server/config|database|protocol)/|process[.]ts$)',
    },
  ),
  forbid('common-on-the-ground', 'common/ imports no feature.', from('^src/server/common/'), {
    path: '^src/',
    pathNot: '^src/(?:server/(?:common|config)|database|protocol)/',
  }),
  forbid('auth-on-common', 'auth/ imports no feature.', from('^src/server/auth/'), {
    path: '^src/',
    pathNot: '^src/(?:server/(?:auth|common|config)|database|protocol)/',
  }),
  forbid(
    'server-by-the-roots',
    'Only the roots know the whole server.',
    from('^src/', [ROOTS, '^src/server/']),
    {
      path: '^src/server/',
    },
  ),
  forbid(
    'migrations-alone',
    'A migration is the same in ten years: it imports nothing of ours.',
    { path: '^migrations/' },
    {
      path: '^(?:src|migrations|test)/',
    },
  ),
];

const promises = [
  forbid(
    'server-without-client',
    'The server has no function of a client.',
    { path: SERVER },
    {
      path: '^src/client/',
      reachable: true,
    },
  ),
  forbid(
    'server-cannot-open',
    'Nothing that the server imports, however far, opens an envelope.',
    { path: SERVER },
    { path: '^src/protocol/.*open[^/]*$', reachable: true },
  ),
];

const hygiene = [
  forbid('no-cycles', 'No cycles, types included.', {}, { circular: true }),
  forbid('no-test-in-source', 'What runs never imports what tests it.', from('^(?:src|migrations)/'), {
    path: '^test/',
  }),
  forbid(
    'no-unresolved',
    'Every import is found.',
    {},
    {
      couldNotResolve: true,
      // through package.json, to what the build makes
      pathNot: '^#(?:base64|ed25519|sha256|validator)$',
    },
  ),
  forbid(
    'no-development-in-source',
    'What runs needs no package of development.',
    from('^(?:src|migrations)/'),
    {
      dependencyTypes: ['npm-dev', 'npm-no-pkg', 'npm-unknown'],
      dependencyTypesNot: ['type-only'],
    },
  ),
];

module.exports = {
  forbidden: [...layers, ...upwards, ...indexOnly, ...promises, ...hygiene],
  options: {
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.test.json' },
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^(?:dist|coverage|reports|[.]relais)/' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'require', 'node', 'default', 'types'],
    },
  },
};
