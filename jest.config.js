export default {
  rootDir: '.',
  testEnvironment: 'node',
  testRegex: 'test/.*\\.spec\\.ts$',
  testPathIgnorePatterns: ['/node_modules/', '/dist/', '<rootDir>/.stryker-tmp/'],
  extensionsToTreatAsEsm: ['.ts'],
  moduleFileExtensions: ['js', 'ts', 'json'],
  moduleNameMapper: {
    '^#base64$': '<rootDir>/src/protocol/encoding/base64.ts',
    '^#ed25519$': '<rootDir>/src/protocol/crypto/ed25519.ts',
    '^#sha256$': '<rootDir>/src/protocol/crypto/sha256.ts',
    '^#validator$': '<rootDir>/src/protocol/encoding/validator.ts',
    // a module of that name, not the JSON beside it
    '^(\\.{1,2}/.*)(?<!\\.json)\\.js$': '$1',
  },
  transform: {
    '^.+\\.ts$': [
      '@swc/jest',
      {
        swcrc: false,
        jsc: {
          target: 'es2022',
          parser: { syntax: 'typescript', decorators: true, dynamicImport: true },
          transform: { legacyDecorator: true, decoratorMetadata: true, useDefineForClassFields: false },
          keepClassNames: true,
          experimental: { keepImportAttributes: true },
        },
        module: { type: 'es6' },
        sourceMaps: 'inline',
      },
    ],
  },
  transformIgnorePatterns: ['/node_modules/'],
  globalSetup: '<rootDir>/test/support/machines/global-setup.js',
  globalTeardown: '<rootDir>/test/support/machines/global-teardown.js',
  setupFiles: ['<rootDir>/test/support/machines/seed.ts'],
  testTimeout: 60_000,
  maxWorkers: 2,
};
