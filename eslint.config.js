import stylistic from '@stylistic/eslint-plugin';
import tseslint from 'typescript-eslint';

/** Rules of the language itself that typescript-eslint leaves to its user. */
const core = {
  eqeqeq: ['error', 'smart'],
  'no-console': 'error',
  'no-control-regex': 'error',
  'no-eval': 'error',
  'no-implied-eval': 'error',
  'no-new-func': 'error',
  'no-var': 'error',
  'object-shorthand': 'error',
  'prefer-const': 'error',
  '@stylistic/max-len': ['error', { code: 1000, comments: 110, ignoreUrls: true }],
};

const plugins = { '@stylistic': stylistic };

const size = {
  'max-lines': ['error', { max: 300, skipBlankLines: true, skipComments: true }],
  'max-lines-per-function': ['error', { max: 50, skipBlankLines: true, skipComments: true }],
};

/** House rules: see CONTRIBUTING.md. */
const house = {
  'no-restricted-syntax': [
    'error',
    { selector: 'TSEnumDeclaration', message: 'Use a union of strings.' },
    { selector: 'ExportDefaultDeclaration', message: 'Export it by name.' },
  ],
  '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'inline-type-imports' }],
  // process.env['NAME']: the brackets say that it may be missing
  '@typescript-eslint/dot-notation': ['error', { allowIndexSignaturePropertyAccess: true }],
  // () => probe.close()
  '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
  '@typescript-eslint/explicit-module-boundary-types': 'error',
  // a Nest module is an empty class under its decorator
  '@typescript-eslint/no-extraneous-class': ['error', { allowWithDecorator: true }],
  // a property under a decorator needs its type: Nest reads it
  '@typescript-eslint/no-inferrable-types': ['error', { ignoreProperties: true }],
  // the classes of answers are there to describe them, and are never constructed
  '@typescript-eslint/no-unsafe-class-instance-assignment': 'off',
  // it asks for the exclamation mark that strict forbids
  '@typescript-eslint/non-nullable-type-assertion-style': 'off',
  '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
  '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
};

export default tseslint.config(
  { ignores: ['dist/', 'coverage/', 'reports/', '.relais/', 'src/web/dist/'] },
  {
    files: ['**/*.ts', '**/*.tsx'],
    extends: [tseslint.configs.strictTypeChecked, tseslint.configs.stylisticTypeChecked],
    languageOptions: {
      parserOptions: { project: './tsconfig.test.json', tsconfigRootDir: import.meta.dirname },
    },
    plugins,
    rules: { ...core, ...size, ...house },
  },
  {
    // the pages know the DOM, and their own tsconfig
    files: ['src/web/**/*.{ts,tsx}'],
    languageOptions: { parserOptions: { project: './src/web/tsconfig.json' } },
  },
  {
    // Nest learns from these what to inject: erased, it finds nothing
    files: ['src/server/**/*.ts', 'src/app.module.ts'],
    rules: { '@typescript-eslint/consistent-type-imports': 'off' },
  },
  {
    // the type of a schema is what it infers
    files: ['src/protocol/schemas/**/*.ts'],
    rules: { '@typescript-eslint/explicit-module-boundary-types': 'off' },
  },
  {
    // a describe holds every sentence about its subject
    files: ['**/*.spec.ts'],
    rules: { 'max-lines-per-function': 'off', '@typescript-eslint/no-non-null-assertion': 'off' },
  },
  {
    files: ['**/*.js'],
    extends: [tseslint.configs.base],
    plugins,
    rules: { ...core, ...size },
  },
);
