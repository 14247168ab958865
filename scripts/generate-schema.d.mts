export function generate(proto: string, root: string): { code: string; types: string }
