export function generate(proto: string): { code: string; types: string }
