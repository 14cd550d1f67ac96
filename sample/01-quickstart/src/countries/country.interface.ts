/** What a search tells about a country. */
export interface CountrySummary {
  /** ISO 3166-1 alpha-3. */
  readonly code: string;
  readonly name: string;
  /** Most countries have one, South Africa has three, Antarctica none. */
  readonly capitals: readonly string[];
  readonly region: string;
  readonly subregion: string;
  /** Square kilometres; null where the data has none. */
  readonly area: number | null;
}

/** Everything the API tells about one country. */
export interface Country extends CountrySummary {
  /** ISO 3166-1 alpha-2. */
  readonly code2: string;
  readonly officialName: string;
  readonly nativeNames: readonly string[];
  readonly languages: readonly Language[];
  readonly currencies: readonly Currency[];
  /** Alpha-3 codes of the countries that share a land border. */
  readonly borders: readonly string[];
  readonly landlocked: boolean;
  readonly memberOfUnitedNations: boolean;
  readonly latitude: number;
  readonly longitude: number;
  readonly callingCodes: readonly string[];
  readonly topLevelDomains: readonly string[];
  readonly flag: string;
}

export interface Language {
  /** ISO 639-3. */
  readonly code: string;
  readonly name: string;
}

export interface Currency {
  /** ISO 4217. */
  readonly code: string;
  readonly name: string;
  readonly symbol: string;
}

/** One page of a search. */
export interface CountryPage {
  /** How many countries the search found, on all pages. */
  readonly total: number;
  readonly offset: number;
  readonly countries: readonly CountrySummary[];
  /** Where the next page starts; null on the last one. */
  readonly nextOffset: number | null;
}
