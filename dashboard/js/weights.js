export default function ({ data }) {
  if (!data?.length) return;
  const generator = readGenerator(data);
  const known = generators();
  known.clear(); // A page shows one at a time.
  known.set(generator.name, generator);
}
