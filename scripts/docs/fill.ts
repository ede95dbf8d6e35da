/** Inserts generated sections into a document. */

const section = /(<!-- generated: ([a-z-]+) -->\n)[\s\S]*?(<!-- end -->)/g;

/**
 * The document with every marked section replaced by the result of its function in `sections`.
 *
 * @throws Error for a name that is not in `sections`
 */
export function fillSections(document: string, sections: Readonly<Record<string, () => string>>): string {
  return document.replace(section, (_, start: string, name: string, end: string) => {
    const make = Object.hasOwn(sections, name) ? sections[name] : undefined;
    if (make === undefined)
      throw new Error(`no section is called ${name}; there are ${Object.keys(sections).join(', ')}`);
    return `${start}\n${make()}\n\n${end}`;
  });
}
