/** Common last names in the United States. */
// biome-ignore format: words read better in rows.
export const lastNames: readonly string[] = [
  'Adams', 'Alvarez', 'Anderson', 'Bailey', 'Baker', 'Barnes', 'Bennett', 'Brooks', 'Brown', 'Bryant', 'Campbell',
  'Castillo', 'Chen', 'Coleman', 'Collins', 'Cox', 'Diaz', 'Edwards', 'Evans', 'Fisher', 'Flores', 'Foster',
  'Garcia', 'Gomez', 'Gray', 'Green', 'Hall', 'Hernandez', 'Hill', 'Howard', 'Hughes', 'Jackson', 'James',
  'Jenkins', 'Kelly', 'Kim', 'King', 'Lewis', 'Lopez', 'Marshall', 'McDonald', 'Mendoza', 'Miller', 'Mitchell',
  'Moore', 'Morgan', 'Morris', 'Murphy', 'Murray', 'Nelson', 'Nguyen', "O'Brien", 'Ortiz', 'Patel', 'Perez',
  'Perry', 'Peterson', 'Phillips', 'Price', 'Ramos', 'Reed', 'Reyes', 'Richardson', 'Rivera', 'Roberts', 'Ross',
  'Russell', 'Schmidt', 'Simmons', 'Stewart', 'Sullivan', 'Thompson', 'Torres', 'Tran', 'Turner', 'Vargas',
  'Walker', 'Ward', 'Watson', 'Wood', 'Wright',
];
