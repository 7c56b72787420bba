import type { INodeProperties } from 'n8n-workflow';
import { nodesOfPackage } from '../../tools/nodes';

/** What a text for users must and must not be, whatever it is about. */

const FORBIDDEN: Array<[what: string, pattern: RegExp]> = [
	['a value that is none', /\bundefined\b|\bnull\b|\bNaN\b|\[object/],
	['two full stops', /[^.]\.\.(?!\.)/],
	['a blank in front of a sign', /\s[.,:;!?](\s|$)/],
	['two blanks', / {2}/],
	['a tag of a web page', /<\/?[a-z!][^>]*>/i],
	[
		'a text of JavaScript',
		/TypeError|is not a function|Cannot read|is not iterable|Unexpected token/,
	],
	['that nobody expected it', /This is unexpected/],
	[
		'a text of n8n',
		/please check your|perhaps check|perhaps the server|could not be found|unable to process|request to .* failed|UNKNOWN ERROR|Problem running|Request failed with status|socket hang up/i,
	],
];

export interface Texts {
	message: string;
	description: string;
}

/** Everything that is wrong with an error's texts. */
export function faultsOfTexts({ message, description }: Texts, fieldsOf: Names): string[] {
	const whole = `${message}\n${description}`;
	const found = FORBIDDEN.filter(([, pattern]) => pattern.test(whole)).map(([what]) => what);
	return [
		...found,
		...(message.trim().length < 10 ? ['a message that says nothing'] : []),
		...(message !== message.trim() ? ['blanks around the message'] : []),
		...(/^[A-Z0-9"“]/.test(message) ? [] : ['a message that begins in lower case']),
		...(description.trim().length < 15 ? ['advice that says nothing'] : []),
		...(/[.!?]$/.test(description) ? [] : ['advice that does not end']),
		...fieldsOf.others.filter((name) => whole.includes(name)).map((name) => `the field ${name}`),
	];
}

/** Names of fields that are no words of every day. */
interface Names {
	/** Those that the operation does not have. */
	others: string[];
}

const isName = (name: string) => name.includes(' ');

/** The names of fields that texts of an operation must not name, because it lacks them. */
export async function namesFor(node: string, resource: string, operation: string): Promise<Names> {
	const nodes = await nodesOfPackage();
	const all = nodes.flatMap((one) => namesOf(one.node.description.properties));
	const { properties } = nodes.find((one) => one.node.description.name === node)!.node.description;
	const own = new Set(
		namesOf(
			properties.filter(({ displayOptions }) => {
				const { resource: ofResources, operation: ofOperations } = displayOptions?.show ?? {};
				return ofResources?.includes(resource) && ofOperations?.includes(operation);
			}),
		),
	);
	const owned = [...own];
	const others = [...new Set(all)].filter(
		(name) => isName(name) && !owned.some((one) => one.includes(name)),
	);
	return { others };
}

function namesOf(properties: INodeProperties[]): string[] {
	return properties.flatMap(({ displayName, type, options }) => [
		displayName,
		...(type === 'collection' ? namesOf(options as INodeProperties[]) : []),
	]);
}
