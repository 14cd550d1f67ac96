import { checkToolName, defaultToolName, versionSuffix } from './tool-name.js';

const context = {
  controller: 'CountriesController',
  method: 'findOne',
  operationId: undefined,
  httpMethod: 'GET',
  path: '/countries/:code',
  version: undefined,
};

describe('default tool name', () => {
  it.each([
    ['CountriesController', 'findOne', 'countries_find_one'],
    ['HTTPStatusController', 'getURLOf', 'http_status_get_url_of'],
    ['Controller', 'list', 'controller_list'],
    ['V2CatsController', 'byId2', 'v2_cats_by_id2'],
    ['WeatherTools', 'forecast', 'weather_forecast'],
  ])(
    'is snake_case of controller and method: %s.%s',
    (controller, method, name) => {
      expect(defaultToolName({ ...context, controller, method })).toBe(name);
    },
  );

  it('is the operationId verbatim where one is given', () => {
    expect(defaultToolName({ ...context, operationId: 'getCountry' })).toBe(
      'getCountry',
    );
  });
});

describe('tool name check (MCP, Tools, Tool Names)', () => {
  const check = (name: string): string[] => {
    const warnings: string[] = [];
    checkToolName(name, 'GET /x (X.y)', (message) => warnings.push(message));
    return warnings;
  };

  it.each(['', 'a b', 'a,b', 'é', 'a/b', 'x'.repeat(129)])(
    'refuses %p and names the route and the remedy',
    (name) => {
      expect(() => check(name)).toThrow(
        /GET \/x \(X\.y\).*@McpTool\(\{ name \}\)/,
      );
    },
  );

  it('accepts every allowed character and up to 128 of them', () => {
    expect(check('aZ09_.-')).toEqual([]);
    expect(check('x'.repeat(128))).toHaveLength(1);
  });

  it('warns above 64 characters', () => {
    expect(check('x'.repeat(64))).toEqual([]);
    expect(check('x'.repeat(65))).toEqual([
      expect.stringContaining('65 characters'),
    ]);
  });
});

it('replaces what a version may not contribute to a name', () => {
  expect(versionSuffix('2024-01/b')).toBe('_v2024-01_b');
});
