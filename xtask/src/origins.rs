//! Where public items come from: their docs name the member of UWP, or the section of the standard, that they stand for.

use anyhow::{Context as _, Result};
use syn::{Attribute, Expr, ImplItem, Item, Lit, Meta, Type, Visibility};

/// A public type, trait, function or method.
#[derive(Debug, PartialEq)]
pub(crate) struct PublicItem {
    pub(crate) name: String,
    pub(crate) docs: String,
}

impl PublicItem {
    /// Whether the docs name UWP or a standard, or refer to another item, whose docs do.
    pub(crate) fn names_origin(&self) -> bool {
        let refers = self.docs.contains("as [`") || self.docs.contains("As [`");
        refers || ORIGINS.iter().any(|origin| self.docs.contains(origin))
    }
}

/// The public items of a source file. Constants, variants and fields belong to their types and are not counted; nor is what
/// is hidden or in a private module inside the file.
pub(crate) fn public_items(source: &str) -> Result<Vec<PublicItem>> {
    let file = syn::parse_file(source).context("not Rust")?;
    Ok(file.items.iter().flat_map(of_item).collect())
}

fn of_item(item: &Item) -> Vec<PublicItem> {
    let named = |visibility: &Visibility, attributes: &[Attribute], name: &syn::Ident| {
        public(visibility, attributes, name.to_string()).into_iter().collect()
    };
    match item {
        Item::Enum(item) => named(&item.vis, &item.attrs, &item.ident),
        Item::Fn(item) => named(&item.vis, &item.attrs, &item.sig.ident),
        Item::Struct(item) => named(&item.vis, &item.attrs, &item.ident),
        Item::Trait(item) => named(&item.vis, &item.attrs, &item.ident),
        Item::Type(item) => named(&item.vis, &item.attrs, &item.ident),
        Item::Impl(item) if item.trait_.is_none() => methods(&item.self_ty, &item.items),
        _ => Vec::new(),
    }
}

fn methods(of: &Type, items: &[ImplItem]) -> Vec<PublicItem> {
    let Type::Path(path) = of else { return Vec::new() };
    let Some(of) = path.path.segments.last() else { return Vec::new() };
    let methods = items.iter().filter_map(|item| match item {
        ImplItem::Fn(method) => Some(method),
        _ => None,
    });
    methods
        .filter_map(|method| public(&method.vis, &method.attrs, format!("{}::{}", of.ident, method.sig.ident)))
        .collect()
}

fn public(visibility: &Visibility, attributes: &[Attribute], name: String) -> Option<PublicItem> {
    let docs: Vec<String> = attributes.iter().filter_map(doc_line).collect();
    matches!(visibility, Visibility::Public(_)).then(|| PublicItem { name, docs: docs.join("") })
}

fn doc_line(attribute: &Attribute) -> Option<String> {
    let Meta::NameValue(meta) = &attribute.meta else { return None };
    match &meta.value {
        Expr::Lit(value) if meta.path.is_ident("doc") => match &value.lit {
            Lit::Str(line) => Some(line.value()),
            _ => None,
        },
        _ => None,
    }
}

/// The words by which docs name an origin.
const ORIGINS: [&str; 4] = ["UWP", "RFC ", "WHATWG", "`Windows."];

#[cfg(test)]
mod tests {
    use super::*;

    fn names(source: &str) -> Vec<(String, bool)> {
        let items = public_items(source).unwrap();
        items.into_iter().map(|item| (item.name.clone(), item.names_origin())).collect()
    }

    #[test]
    fn types_functions_and_methods_are_counted() {
        let source = "/// A thing (UWP: `Thing`).\npub struct Thing;\n/// Nothing.\npub enum No {}\n\
            impl Thing {\n/// Goes (RFC 6455 section 5).\npub fn go() {}\n/// Stops.\npub fn stop() {}\n\
            /// Waits, as [`Thing::go`].\npub async fn wait() {}\nfn hidden() {}\npub(crate) fn inner() {}\n}";
        let expected =
            [("Thing", true), ("No", false), ("Thing::go", true), ("Thing::stop", false), ("Thing::wait", true)];
        assert_eq!(names(source), expected.map(|(name, origin)| (name.to_owned(), origin)));
    }

    #[test]
    fn what_is_not_public_is_not_counted() {
        let source = "struct Private;\nmod sealed { pub trait Output {} }\nimpl Clone for X { fn clone() {} }\n\
            pub(crate) fn inner() {}\nmacro_rules! m { () => { pub fn made() {} } }";
        assert_eq!(names(source), []);
    }
}
