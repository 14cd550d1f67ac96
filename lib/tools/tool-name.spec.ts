import {
  checkToolName,
  defaultToolName,
  hashedName,
  portableName,
  roomForName,
  versionSuffix,
  warnOfNames,
} from './tool-name.js';

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
  const check = (name: string): void => {
    checkToolName(name, 'GET /x (X.y)');
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
    expect(() => check('aZ09_.-')).not.toThrow();
    expect(() => check('x'.repeat(128))).not.toThrow();
  });
});

describe('names that clients drop', () => {
  const warned = (names: readonly string[]): string[] => {
    const warnings: string[] = [];
    warnOfNames(names, roomForName('atlas'), (text) => warnings.push(text));
    return warnings;
  };

  it('leaves the room that mcp__atlas__ leaves of 64 characters', () => {
    expect(roomForName('atlas')).toBe(52);
    expect(warned(['x'.repeat(52)])).toEqual([]);
    expect(warned(['x'.repeat(53)])).toEqual([
      expect.stringContaining('more than 52 characters'),
    ]);
  });

  it('are told in one warning, dots too', () => {
    expect(warned(['cats.find', 'fine', 'y'.repeat(70)])).toEqual([
      expect.stringMatching(/"cats\.find", "y{70}"/),
    ]);
  });
});

describe('a derived name', () => {
  it.each([
    ['pets.list', 'pets_list'],
    ['GET /pets', 'GET_pets'],
    ['cats_find_one', 'cats_find_one'],
  ])('has letters, digits, _ and - alone: %s', (name, portable) => {
    expect(portableName(name, 52)).toBe(portable);
  });

  it.each([
    [
      'UserAccountsController_findEverything',
      30,
      'UserAccounts_findEverything',
    ],
    ['user_controller_find', 14, 'user_find'],
    [
      'organisation_memberships_find_everything',
      30,
      'orga_memb_find_everything',
    ],
  ])('is shortened word by word: %s', (name, room, short) => {
    expect(portableName(name, room)).toBe(short);
    expect(short.length).toBeLessThanOrEqual(room);
  });

  it('ends in a hash of the whole where words do not suffice', () => {
    const name = 'a_b_c_d_e_f_g_h_i_j_k_l_m_n_o_p_q_r_s_t_u_v_w_x_y_z';
    const short = portableName(name, 24);
    expect(short).toMatch(/^a_b_c_d_e_f_g_h_i_[0-9a-f]{6}$/);
    expect(short).toBe(hashedName(name, 24));
    expect(portableName(`${name}_1`, 24)).not.toBe(short);
  });
});

it('replaces what a version may not contribute to a name', () => {
  expect(versionSuffix('2024-01/b.1')).toBe('_v2024-01_b_1');
});
