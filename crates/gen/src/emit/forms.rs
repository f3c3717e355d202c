//! `forms.rs`: what becomes of types of several parts when they are sent.

use proc_macro2::TokenStream;
use quote::{format_ident, quote};
use syn::visit_mut::VisitMut;
use syn::{Attribute, Item, ItemStruct};

use super::features::Features;
use super::open_enums::remove_derive;
use crate::lower::{Form, Lowered, Operation};

/// Operations that send a form, with it.
pub(super) fn all(lowered: &Lowered) -> impl Iterator<Item = (&Operation, &Form)> {
    let operations = lowered.operations.iter();
    operations.filter_map(|it| Some((it, it.form.as_ref()?)))
}

pub(super) fn tokens(lowered: &Lowered, features: &Features) -> TokenStream {
    let blocks = all(lowered).map(|(operation, form)| {
        let condition = features.attribute(&features.of_operation(operation));
        let name = format_ident!("{}", form.name);
        let parts = form.parts.iter().map(|it| {
            let (field, name) = (format_ident!("{}", it.field), &it.name);
            let kind = it.content_type.iter();
            let kind = kind.fold(quote!(None), |_, it| quote!(Some(#it)));
            if it.is_file {
                quote!(form.files(#name, self.#field, #kind);)
            } else {
                quote!(form.value(#name, &self.#field, #kind)?;)
            }
        });
        let extra = form.has_extra.then(|| {
            quote! {
                for (name, value) in &self.extra {
                    form.value(name, value, None)?;
                }
            }
        });
        quote! {
            #condition
            impl types::#name {
                pub(super) fn into_form(self) -> Result<Form, ::tegata::Error> {
                    let mut form = Form::default();
                    #(#parts)*
                    #extra
                    Ok(form)
                }
            }
        }
    });
    quote! {
        use ::tegata::multipart::Form;

        use super::client::types;

        #(#blocks)*
    }
}

/// Forms are no JSON: files cannot be written as such.
pub(super) fn strip(client: &mut syn::File, lowered: &Lowered) {
    let names: Vec<&str> = all(lowered).map(|(_, form)| form.name.as_str()).collect();
    for item in &mut client.items {
        if let Item::Mod(module) = item
            && module.ident == "types"
            && let Some((_, items)) = &mut module.content
        {
            for item in items {
                if let Item::Struct(item) = item
                    && names.iter().any(|it| item.ident == it)
                {
                    Strip.visit_item_struct_mut(item);
                }
            }
        }
    }
}

struct Strip;

impl VisitMut for Strip {
    fn visit_item_struct_mut(&mut self, item: &mut ItemStruct) {
        for it in &mut item.attrs {
            remove_derive(it, "Serialize");
            remove_derive(it, "Deserialize");
        }
        syn::visit_mut::visit_item_struct_mut(self, item);
    }

    fn visit_attributes_mut(&mut self, attributes: &mut Vec<Attribute>) {
        attributes.retain(|it| !it.path().is_ident("serde"));
    }
}
