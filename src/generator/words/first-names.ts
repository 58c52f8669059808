/** Common first names in the United States that the app shows with gender F. */
// biome-ignore format: words read better in rows.
export const femaleNames: readonly string[] = [
  'Abigail', 'Alice', 'Amanda', 'Amber', 'Angela', 'Ashley', 'Brenda', 'Carmen', 'Caroline', 'Christine', 'Claire',
  'Danielle', 'Diana', 'Elena', 'Emma', 'Erin', 'Fiona', 'Gabriela', 'Grace', 'Heather', 'Irene', 'Jasmine',
  'Joanna', 'Julia', 'Karen', 'Laura', 'Leah', 'Linda', 'Lucy', 'Maria', 'Megan', 'Melissa', 'Monica', 'Naomi',
  'Natalie', 'Nicole', 'Olivia', 'Paula', 'Rachel', 'Rebecca', 'Rosa', 'Samantha', 'Sandra', 'Sophia', 'Stephanie',
  'Teresa', 'Vanessa', 'Victoria', 'Wendy', 'Yolanda', 'Zoe',
];

/** The same for gender M. */
// biome-ignore format: words read better in rows.
export const maleNames: readonly string[] = [
  'Aaron', 'Adrian', 'Albert', 'Alexander', 'Antonio', 'Benjamin', 'Brian', 'Charles', 'Daniel', 'David', 'Dennis',
  'Douglas', 'Edward', 'Eric', 'Ethan', 'Francis', 'Gabriel', 'George', 'Gregory', 'Henry', 'Ian', 'Jack', 'Jason',
  'Jeffrey', 'Jesus', 'Jonathan', 'Jose', 'Juan', 'Keith', 'Lawrence', 'Leo', 'Liam', 'Lucas', 'Luis', 'Marcus',
  'Mark', 'Michael', 'Nathan', 'Nicholas', 'Oscar', 'Patrick', 'Paul', 'Peter', 'Philip', 'Raymond', 'Richard',
  'Robert', 'Scott', 'Simon', 'Stephen', 'Timothy', 'Victor', 'Vincent', 'William',
];
