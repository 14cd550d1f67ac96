import { IsIn, IsOptional, IsString, Length } from 'class-validator';

export class GreetingDto {
  @IsString()
  @Length(1, 40)
  name!: string;

  @IsOptional()
  @IsIn(['en', 'fr'])
  language?: string;
}
