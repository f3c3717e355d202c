//! Rust as text, with the items apart.

/// The code, formatted; a blank line parts what has a doc comment from what is before it, so that
/// diffs are easy to read.
pub fn print(file: &syn::File) -> String {
    let code = prettyplease::unparse(file);
    let mut spaced = String::from("\n");
    let mut before = "";
    for line in code.lines() {
        if ends_item(before) && starts_item(line) {
            spaced.push('\n');
        }
        spaced.push_str(line);
        spaced.push('\n');
        before = line;
    }
    spaced
}

fn ends_item(line: &str) -> bool {
    line.ends_with(['}', ';']) && !line.trim_start().starts_with("//")
}

/// Doc comments stand only before items; other comments are recognized by their depth.
fn starts_item(line: &str) -> bool {
    let words = line.trim_start();
    let depth = line.len() - words.len();
    words.starts_with("///")
        || depth <= 4
            && ["impl", "#[", "const _"]
                .iter()
                .any(|start| words.starts_with(start))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn items_are_apart_and_bodies_are_not() {
        let file = syn::parse_quote! {
            use a::b;
            #[doc = " One."]
            pub const ONE: u8 = 1;
            #[doc = " Two {}"]
            #[doc = " and more;"]
            #[doc = ""]
            #[doc = " the end."]
            struct Two {
                #[doc = " Field."]
                field: u8,
                #[doc = " Other."]
                other: u8,
            }
            impl Two {
                fn f(&self) {
                    let a = {};
                    #[allow(unused_mut)]
                    let mut b = 1;
                }
            }
        };
        insta::assert_snapshot!(print(&file), @r"

        use a::b;

        /// One.
        pub const ONE: u8 = 1;

        /// Two {}
        /// and more;
        ///
        /// the end.
        struct Two {
            /// Field.
            field: u8,
            /// Other.
            other: u8,
        }

        impl Two {
            fn f(&self) {
                let a = {};
                #[allow(unused_mut)]
                let mut b = 1;
            }
        }
        ");
    }
}
