import { Injectable, NotFoundException } from '@nestjs/common';
import { COUNTRIES } from './country.data.js';
import { matches } from './country.filter.js';
import type {
  Country,
  CountryPage,
  CountrySummary,
} from './country.interface.js';
import type { SearchCountriesDto } from './dto/search-countries.dto.js';

@Injectable()
export class CountriesService {
  private readonly byCode = new Map(
    COUNTRIES.flatMap((country) => [
      [country.code, country] as const,
      [country.code2, country] as const,
    ]),
  );

  search(search: SearchCountriesDto): CountryPage {
    const offset = search.offset ?? 0;
    const end = offset + (search.limit ?? 20);
    const found = COUNTRIES.filter((country) => matches(country, search));
    if (search.order === 'largest') {
      found.sort((a, b) => (b.area ?? 0) - (a.area ?? 0));
    } else if (search.order === 'smallest') {
      found.sort((a, b) => (a.area ?? Infinity) - (b.area ?? Infinity));
    }
    return {
      total: found.length,
      offset,
      countries: found.slice(offset, end).map(toSummary),
      nextOffset: end < found.length ? end : null,
    };
  }

  /** @throws NotFoundException when no country has the code */
  get(code: string): Country {
    const country = this.byCode.get(code.toUpperCase());
    if (!country) {
      throw new NotFoundException(
        `No country has the code "${code}". Use an ISO 3166-1 code of two or three letters, such as FR or FRA, or search by name.`,
      );
    }
    return country;
  }

  /** @throws NotFoundException when no country has the code */
  neighbours(code: string): CountrySummary[] {
    return this.get(code).borders.map((border) => toSummary(this.get(border)));
  }
}

function toSummary(country: Country): CountrySummary {
  const { code, name, capitals, region, subregion, area } = country;
  return { code, name, capitals, region, subregion, area };
}
