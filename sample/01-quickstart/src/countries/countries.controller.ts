import { Controller, Get, Param, Query } from '@nestjs/common';
import { McpTool } from 'nestjs-mcp';
import { CountriesService } from './countries.service.js';
import type {
  Country,
  CountryPage,
  CountrySummary,
} from './country.interface.js';
import { SearchCountriesDto } from './dto/search-countries.dto.js';

@Controller('countries')
export class CountriesController {
  constructor(private readonly countries: CountriesService) {}

  @Get()
  @McpTool({
    description:
      'Search the countries of the world by name, region, language, currency or area.\n' +
      'Filters are combined; without any, all countries are listed. Results come in pages: ' +
      'to read on, repeat the call with `offset` set to the `nextOffset` of the answer.',
  })
  search(@Query() search: SearchCountriesDto): CountryPage {
    return this.countries.search(search);
  }

  @Get(':code')
  @McpTool({
    description:
      'Get all facts about one country: names, capitals, languages, currencies, borders, area, position.\n' +
      '`code` is an ISO 3166-1 code of two or three letters, in any case.',
  })
  findOne(@Param('code') code: string): Country {
    return this.countries.get(code);
  }

  @Get(':code/neighbours')
  @McpTool({
    description:
      'List the countries that share a land border with a country.\n' +
      'An island has none: the list is then empty.',
  })
  neighbours(@Param('code') code: string): CountrySummary[] {
    return this.countries.neighbours(code);
  }
}
