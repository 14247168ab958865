;; Inner products of rows of small whole numbers, -127 to 127, with a query of such: four rows at once, so that the
;; processor waits for four of them at a time. `npm run generate` makes code-products-module.ts of it.
;;
;; A product is 16 129 at most, two of them fit into 16 bits, and so many as 65 536 into 32.
(module
  (import "env" "memory" (memory 1))
  ;; $list     where the ordinals of the rows are, u32 each
  ;; $count    how many, a multiple of four
  ;; $stride   bytes from one row to the next; row 0 is at 0
  ;; $query    where the query is, with zeros behind it up to a multiple of 32
  ;; $products where the products go, i32 each
  (func (export "products")
    (param $list i32) (param $count i32) (param $stride i32) (param $query i32) (param $products i32)
    (local $end i32) (local $at i32) (local $codes v128) (local $part v128)
    (local $row0 i32) (local $sum0 v128)
    (local $row1 i32) (local $sum1 v128)
    (local $row2 i32) (local $sum2 v128)
    (local $row3 i32) (local $sum3 v128)
    (local.set $end (i32.add (local.get $list) (i32.shl (local.get $count) (i32.const 2))))
    (block $done
      (loop $rows
        (br_if $done (i32.ge_u (local.get $list) (local.get $end)))
        (local.set $row0 (i32.mul (i32.load offset=0 (local.get $list)) (local.get $stride)))
        (local.set $sum0 (v128.const i32x4 0 0 0 0))
        (local.set $row1 (i32.mul (i32.load offset=4 (local.get $list)) (local.get $stride)))
        (local.set $sum1 (v128.const i32x4 0 0 0 0))
        (local.set $row2 (i32.mul (i32.load offset=8 (local.get $list)) (local.get $stride)))
        (local.set $sum2 (v128.const i32x4 0 0 0 0))
        (local.set $row3 (i32.mul (i32.load offset=12 (local.get $list)) (local.get $stride)))
        (local.set $sum3 (v128.const i32x4 0 0 0 0))
        (local.set $at (i32.const 0))
        (loop $components
          (local.set $part (v128.load (i32.add (local.get $query) (local.get $at))))
          (local.set $codes (v128.load (i32.add (local.get $row0) (local.get $at))))
          (local.set $sum0
            (i32x4.add (local.get $sum0)
              (i32x4.extadd_pairwise_i16x8_s
                (i16x8.add
                  (i16x8.extmul_low_i8x16_s (local.get $codes) (local.get $part))
                  (i16x8.extmul_high_i8x16_s (local.get $codes) (local.get $part))))))
          (local.set $codes (v128.load (i32.add (local.get $row1) (local.get $at))))
          (local.set $sum1
            (i32x4.add (local.get $sum1)
              (i32x4.extadd_pairwise_i16x8_s
                (i16x8.add
                  (i16x8.extmul_low_i8x16_s (local.get $codes) (local.get $part))
                  (i16x8.extmul_high_i8x16_s (local.get $codes) (local.get $part))))))
          (local.set $codes (v128.load (i32.add (local.get $row2) (local.get $at))))
          (local.set $sum2
            (i32x4.add (local.get $sum2)
              (i32x4.extadd_pairwise_i16x8_s
                (i16x8.add
                  (i16x8.extmul_low_i8x16_s (local.get $codes) (local.get $part))
                  (i16x8.extmul_high_i8x16_s (local.get $codes) (local.get $part))))))
          (local.set $codes (v128.load (i32.add (local.get $row3) (local.get $at))))
          (local.set $sum3
            (i32x4.add (local.get $sum3)
              (i32x4.extadd_pairwise_i16x8_s
                (i16x8.add
                  (i16x8.extmul_low_i8x16_s (local.get $codes) (local.get $part))
                  (i16x8.extmul_high_i8x16_s (local.get $codes) (local.get $part))))))
          (local.set $part (v128.load offset=16 (i32.add (local.get $query) (local.get $at))))
          (local.set $codes (v128.load offset=16 (i32.add (local.get $row0) (local.get $at))))
          (local.set $sum0
            (i32x4.add (local.get $sum0)
              (i32x4.extadd_pairwise_i16x8_s
                (i16x8.add
                  (i16x8.extmul_low_i8x16_s (local.get $codes) (local.get $part))
                  (i16x8.extmul_high_i8x16_s (local.get $codes) (local.get $part))))))
          (local.set $codes (v128.load offset=16 (i32.add (local.get $row1) (local.get $at))))
          (local.set $sum1
            (i32x4.add (local.get $sum1)
              (i32x4.extadd_pairwise_i16x8_s
                (i16x8.add
                  (i16x8.extmul_low_i8x16_s (local.get $codes) (local.get $part))
                  (i16x8.extmul_high_i8x16_s (local.get $codes) (local.get $part))))))
          (local.set $codes (v128.load offset=16 (i32.add (local.get $row2) (local.get $at))))
          (local.set $sum2
            (i32x4.add (local.get $sum2)
              (i32x4.extadd_pairwise_i16x8_s
                (i16x8.add
                  (i16x8.extmul_low_i8x16_s (local.get $codes) (local.get $part))
                  (i16x8.extmul_high_i8x16_s (local.get $codes) (local.get $part))))))
          (local.set $codes (v128.load offset=16 (i32.add (local.get $row3) (local.get $at))))
          (local.set $sum3
            (i32x4.add (local.get $sum3)
              (i32x4.extadd_pairwise_i16x8_s
                (i16x8.add
                  (i16x8.extmul_low_i8x16_s (local.get $codes) (local.get $part))
                  (i16x8.extmul_high_i8x16_s (local.get $codes) (local.get $part))))))
          (local.set $at (i32.add (local.get $at) (i32.const 32)))
          (br_if $components (i32.lt_u (local.get $at) (local.get $stride))))
        (i32.store offset=0 (local.get $products) (call $total (local.get $sum0)))
        (i32.store offset=4 (local.get $products) (call $total (local.get $sum1)))
        (i32.store offset=8 (local.get $products) (call $total (local.get $sum2)))
        (i32.store offset=12 (local.get $products) (call $total (local.get $sum3)))
        (local.set $list (i32.add (local.get $list) (i32.const 16)))
        (local.set $products (i32.add (local.get $products) (i32.const 16)))
        (br $rows))))

  (func $total (param $sum v128) (result i32)
    (i32.add
      (i32.add (i32x4.extract_lane 0 (local.get $sum)) (i32x4.extract_lane 1 (local.get $sum)))
      (i32.add (i32x4.extract_lane 2 (local.get $sum)) (i32x4.extract_lane 3 (local.get $sum))))))
