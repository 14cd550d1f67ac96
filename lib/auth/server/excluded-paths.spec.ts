import { ExcludedPaths } from './excluded-paths.js';

const paths = new ExcludedPaths(['/health', '/public/*']);

it.each(['/health', '/health?x=1', '/public/a', '/public/a/b?c'])(
  'excludes %s',
  (url) => expect(paths.has(url)).toBe(true),
);

it.each([
  '/healthy',
  '/health/',
  '/health/x',
  '/HEALTH',
  '/%68ealth',
  '/public',
  '/public/',
  '/public/?a',
  '/publicity/a',
  '/public/../admin',
  '/public/%2e%2e/admin',
  '/public/%2fadmin',
  '/public//admin',
  '/public/..',
  '/public/./a',
  '/public\\..\\admin',
  '/admin?/health',
  '/admin#/public/a',
])('does not exclude %s', (url) => expect(paths.has(url)).toBe(false));

it.each(['health', '/a/../b', '/%61', '/*/x', '/a*'])(
  'refuses to be configured with %s',
  (path) => expect(() => new ExcludedPaths([path])).toThrow(path),
);
