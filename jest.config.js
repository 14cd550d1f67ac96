/** @type {import('jest').Config} */
export default {
  testEnvironment: 'node',
  roots: ['<rootDir>/lib', '<rootDir>/test', '<rootDir>/sample'],
  testMatch: ['**/*.spec.ts', '**/*.e2e-spec.ts'],
  testPathIgnorePatterns: ['/node_modules/', '<rootDir>/test/pack/apps/'],
  modulePathIgnorePatterns: [
    '<rootDir>/dist/',
    '<rootDir>/sample/[^/]+/dist/',
    '<rootDir>/test/pack/apps/',
    '<rootDir>/test/conformance/node_modules/',
  ],
  // Every core, and workers that begin anew before their memory slows them down.
  maxWorkers: '100%',
  workerIdleMemoryLimit: '1GB',
  // What takes longer says so itself.
  testTimeout: 15_000,
  extensionsToTreatAsEsm: ['.ts'],
  moduleNameMapper: {
    '^nestjs-mcp$': '<rootDir>/lib/index.ts',
    '^nestjs-mcp/authorization-server$':
      '<rootDir>/lib/authorization-server/index.ts',
    '^nestjs-mcp/client$': '<rootDir>/lib/client/index.ts',
    '^nestjs-mcp/fastapi-mcp$': '<rootDir>/lib/fastapi-mcp/index.ts',
    '^nestjs-mcp/passport$': '<rootDir>/lib/auth/passport/index.ts',
    '^nestjs-mcp/stdio$': '<rootDir>/lib/stdio/index.ts',
    '^nestjs-mcp/testing$': '<rootDir>/lib/testing/index.ts',
    '^(\\.{1,2}/.*)\\.js$': '$1',
  },
  transform: {
    '^.+\\.ts$': [
      '@swc/jest',
      {
        jsc: {
          target: 'es2023',
          parser: { syntax: 'typescript', decorators: true },
          transform: { legacyDecorator: true, decoratorMetadata: true },
          keepClassNames: true,
        },
        module: { type: 'es6' },
      },
    ],
  },
};
