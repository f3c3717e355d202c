//! Where the expressions of a file begin and end.

use std::collections::{BTreeMap, HashSet};
use std::ops::Range;

use syn::visit::{self, Visit};

use super::CodeError;

/// The parts of a file that can be mutated, keyed by the first byte of their distinguishing part.
#[derive(Debug, Default)]
pub(super) struct Extents {
    /// By the operator.
    pub(super) binary: BTreeMap<usize, Binary>,
    /// By the operator: the whole, and what it is applied to.
    pub(super) unary: BTreeMap<usize, (Range<usize>, Range<usize>)>,
    /// By the pattern: where it ends, and the guard.
    pub(super) arms: BTreeMap<usize, (usize, Option<Range<usize>>)>,
    /// By the field's name: the name, its value, and the base that has it otherwise.
    pub(super) fields: BTreeMap<usize, Field>,
    /// Texts that are values, with their quotation marks.
    pub(super) texts: HashSet<Range<usize>>,
    /// Constant contexts, and places in which all branches must have one unnameable type: no mutant there can
    /// be switched at run time.
    rigid: Vec<Range<usize>>,
}

/// `left operator right`.
#[derive(Debug)]
pub(super) struct Binary {
    pub(super) whole: Range<usize>,
    pub(super) left: Range<usize>,
    pub(super) right: Range<usize>,
}

/// `name: value, ..base`.
#[derive(Debug)]
pub(super) struct Field {
    pub(super) name: String,
    pub(super) value: Range<usize>,
    pub(super) base: Range<usize>,
}

impl Extents {
    pub(super) fn of(content: &str) -> Result<Self, CodeError> {
        let file = syn::parse_file(content)
            .map_err(|error| CodeError(format!("cannot be read as Rust: {error}")))?;
        let mut extents = Self::default();
        extents.visit_file(&file);
        Ok(extents)
    }

    pub(super) fn is_rigid(&self, at: usize) -> bool {
        self.rigid.iter().any(|range| range.contains(&at))
    }

    fn function(&mut self, signature: &syn::Signature, block: &syn::Block) {
        let unnamed = match &signature.output {
            syn::ReturnType::Type(_, kind) => matches!(**kind, syn::Type::ImplTrait(_)),
            syn::ReturnType::Default => false,
        };
        if signature.constness.is_some() || unnamed {
            self.rigid.push(range(block));
        }
    }
}

fn range(of: &impl syn::spanned::Spanned) -> Range<usize> {
    of.span().byte_range()
}

/// `if let a = b && c`, which cannot be put into brackets.
fn has_let(expr: &syn::Expr) -> bool {
    match expr {
        syn::Expr::Let(_) => true,
        syn::Expr::Binary(binary) => has_let(&binary.left) || has_let(&binary.right),
        _ => false,
    }
}

impl<'ast> Visit<'ast> for Extents {
    fn visit_expr_binary(&mut self, expr: &'ast syn::ExprBinary) {
        if !has_let(&expr.left) && !has_let(&expr.right) {
            let binary = Binary {
                whole: range(expr),
                left: range(&*expr.left),
                right: range(&*expr.right),
            };
            self.binary.insert(range(&expr.op).start, binary);
        }
        visit::visit_expr_binary(self, expr);
    }

    fn visit_expr_unary(&mut self, expr: &'ast syn::ExprUnary) {
        let of = (range(expr), range(&*expr.expr));
        self.unary.insert(range(&expr.op).start, of);
        visit::visit_expr_unary(self, expr);
    }

    fn visit_arm(&mut self, arm: &'ast syn::Arm) {
        let (pattern, guard) = match &arm.pat {
            syn::Pat::Guard(guarded) => (range(&*guarded.pat), Some(range(&*guarded.guard))),
            pattern => (range(pattern), None),
        };
        self.arms.insert(pattern.start, (pattern.end, guard));
        visit::visit_arm(self, arm);
    }

    fn visit_pat(&mut self, pattern: &'ast syn::Pat) {
        // A pattern is a constant context.
        if !matches!(pattern, syn::Pat::Lit(_)) {
            visit::visit_pat(self, pattern);
        }
    }

    fn visit_expr_lit(&mut self, expr: &'ast syn::ExprLit) {
        self.texts.insert(range(expr));
    }

    fn visit_attribute(&mut self, _: &'ast syn::Attribute) {}

    fn visit_expr_struct(&mut self, expr: &'ast syn::ExprStruct) {
        if let Some(base) = &expr.rest {
            for field in expr
                .fields
                .iter()
                .filter(|field| field.colon_token.is_some())
            {
                let syn::Member::Named(name) = &field.member else {
                    continue;
                };
                let made = Field {
                    name: name.to_string(),
                    value: range(&field.expr),
                    base: range(&**base),
                };
                self.fields.insert(range(&field.member).start, made);
            }
        }
        visit::visit_expr_struct(self, expr);
    }

    fn visit_item_fn(&mut self, item: &'ast syn::ItemFn) {
        self.function(&item.sig, &item.block);
        visit::visit_item_fn(self, item);
    }

    fn visit_impl_item_fn(&mut self, item: &'ast syn::ImplItemFn) {
        self.function(&item.sig, &item.block);
        visit::visit_impl_item_fn(self, item);
    }

    fn visit_trait_item_fn(&mut self, item: &'ast syn::TraitItemFn) {
        if let Some(block) = &item.default {
            self.function(&item.sig, block);
        }
        visit::visit_trait_item_fn(self, item);
    }

    fn visit_item_const(&mut self, item: &'ast syn::ItemConst) {
        self.rigid.push(range(item));
    }

    fn visit_impl_item_const(&mut self, item: &'ast syn::ImplItemConst) {
        self.rigid.push(range(item));
    }

    fn visit_trait_item_const(&mut self, item: &'ast syn::TraitItemConst) {
        self.rigid.push(range(item));
    }

    fn visit_expr_const(&mut self, expr: &'ast syn::ExprConst) {
        self.rigid.push(range(expr));
    }

    fn visit_item_static(&mut self, item: &'ast syn::ItemStatic) {
        self.rigid.push(range(item));
    }
}
