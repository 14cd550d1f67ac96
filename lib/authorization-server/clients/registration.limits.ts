import { OAuthRefusal, placeOf } from '../endpoints/oauth.request.js';

/** Redirect URIs that a client may have. */
export const MAX_REDIRECT_URIS = 10;
/** Characters of a URI. */
const MAX_URI = 2000;
/** Characters of a client's name. */
export const MAX_CLIENT_NAME = 200;

/** Members of a registration that are kept (RFC 7591, section 2), and their characters; of lists and objects, those of their JSON. */
const MEMBERS: ReadonlyMap<string, number> = new Map([
  ['client_name', MAX_CLIENT_NAME],
  ...[
    'client_uri',
    'logo_uri',
    'tos_uri',
    'policy_uri',
    'jwks_uri',
    'contacts',
    'scope',
  ].map((name) => [name, MAX_URI] as const),
  ...[
    'application_type',
    'dpop_bound_access_tokens',
    'grant_types',
    'response_modes',
    'response_types',
    'token_endpoint_auth_method',
    'token_endpoint_auth_signing_alg',
  ].map((name) => [name, 500] as const),
  ['jwks', 16_000],
  ['redirect_uris', MAX_REDIRECT_URIS * (MAX_URI + 3) + 2],
]);

/** Members that only OpenID Connect gives a meaning. */
const OPENID_MEMBERS: ReadonlySet<string> = new Set([
  'default_acr_values',
  'default_max_age',
  'id_token_signed_response_alg',
  'initiate_login_uri',
  'require_auth_time',
  'sector_identifier_uri',
  'subject_type',
]);

/**
 * What a client says of itself, in a registration or a document, without what
 * says nothing here: clients write `null`, `""` or `[]` for what they leave
 * unset, and ask for ID tokens out of habit.
 */
export function statedMembers(
  metadata: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(metadata).filter(
      ([name, value]) =>
        value !== null &&
        value !== '' &&
        !(Array.isArray(value) && value.length === 0) &&
        !OPENID_MEMBERS.has(name),
    ),
  );
}

/**
 * What of a registration is looked at, and kept: the members that there are, as
 * long as they may be. What else a body has is left out. Whether the values are
 * right is for others to say.
 *
 * @throws OAuthRefusal `invalid_client_metadata` or `invalid_redirect_uri` (RFC
 *   7591, section 3.2.2), naming the member
 */
export function boundedMetadata(
  body: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  const kept: Record<string, unknown> = {};
  for (const [name, limit] of MEMBERS) {
    if (!Object.hasOwn(body, name)) {
      continue;
    }
    const value = body[name];
    if (lengthOf(value) > limit || hasTooMany(name, value)) {
      throw new OAuthRefusal(
        name === 'redirect_uris'
          ? 'invalid_redirect_uri'
          : 'invalid_client_metadata',
        name === 'redirect_uris'
          ? `redirect_uris may be ${MAX_REDIRECT_URIS}, of ${MAX_URI} characters each`
          : `${name} may have ${limit} characters`,
      );
    }
    kept[name] = value;
  }
  return kept;
}

function hasTooMany(name: string, value: unknown): boolean {
  return (
    name === 'redirect_uris' &&
    Array.isArray(value) &&
    (value.length > MAX_REDIRECT_URIS ||
      value.some((uri) => lengthOf(uri) > MAX_URI))
  );
}

/** Characters of a text, or of the JSON of anything else. */
export function lengthOf(value: unknown): number {
  if (typeof value === 'string') {
    return value.length;
  }
  try {
    return JSON.stringify(value).length;
  } catch {
    // Nested so deeply that it cannot be written.
    return Infinity;
  }
}

/** Milliseconds that registrations are counted for. */
const HOUR = 3_600_000;

/** How many clients may register in an hour; false is without a limit. */
interface RegistrationLimitOptions {
  readonly maxPerHour: number | false;
  readonly maxPerHourAndAddress: number | false;
}

/** Counts the clients that register, in this process: in total, and of one address. */
export class RegistrationLimits {
  private begunAt = -Infinity;
  private total = 0;
  private readonly byAddress = new Map<string, number>();

  constructor(private readonly limits: RegistrationLimitOptions) {}

  /**
   * Counts a registration.
   *
   * @returns seconds after which it may be tried again; undefined where it may go on
   */
  admit(address: string): number | undefined {
    const { maxPerHour, maxPerHourAndAddress } = this.limits;
    const now = Date.now();
    if (now - this.begunAt >= HOUR) {
      this.begunAt = now;
      this.total = 0;
      this.byAddress.clear();
    }
    const place = placeOf(address);
    const count = this.byAddress.get(place) ?? 0;
    if (
      (maxPerHour !== false && this.total >= maxPerHour) ||
      (maxPerHourAndAddress !== false && count >= maxPerHourAndAddress)
    ) {
      return Math.ceil((this.begunAt + HOUR - now) / 1000);
    }
    this.total += 1;
    if (maxPerHourAndAddress !== false) {
      this.byAddress.set(place, count + 1);
    }
    return undefined;
  }

  /** Takes back one that came to nothing. */
  giveBack(address: string): void {
    const place = placeOf(address);
    const count = this.byAddress.get(place);
    this.total = Math.max(0, this.total - 1);
    if (count !== undefined) {
      this.byAddress.set(place, Math.max(0, count - 1));
    }
  }
}
