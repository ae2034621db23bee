#include "textflag.h"

// Each kernel keeps its block of sums in the first registers: with one vector a row, row i in register i; with two, in
// registers 2i and 2i+1; with three, from register 3i on. All offsets and strides are in bytes. kernels.go says what each
// kernel computes.

#define ZERO4(a, b, c, d) \
	VXORPS a, a, a \
	VXORPS b, b, b \
	VXORPS c, c, c \
	VXORPS d, d, d

#define ZERO4_512(a, b, c, d) \
	VPXORQ a, a, a \
	VPXORQ b, b, b \
	VPXORQ c, c, c \
	VPXORQ d, d, d

#define ZERO8_512 \
	ZERO4_512(Z0, Z1, Z2, Z3) \
	ZERO4_512(Z4, Z5, Z6, Z7)

#define ZERO16_512 \
	ZERO8_512 \
	ZERO4_512(Z8, Z9, Z10, Z11) \
	ZERO4_512(Z12, Z13, Z14, Z15)

#define ZERO8_256 \
	ZERO4(Y0, Y1, Y2, Y3) \
	ZERO4(Y4, Y5, Y6, Y7)

#define ZERO12_256 \
	ZERO8_256 \
	ZERO4(Y8, Y9, Y10, Y11)

// ROW sets a register to the address of a row: base plus the row's offset in the table at SI.
#define ROW(i, base, register) \
	MOVQ i*8(SI), register \
	ADDQ base, register

// MULTIPLY2 multiplies the float at an address by the vectors w0 and w1, which are two of a panel, and adds the
// products to two sums.
#define MULTIPLY2(address, x, w0, w1, sum0, sum1) \
	VBROADCASTSS address, x \
	VFMADD231PS  x, w0, sum0 \
	VFMADD231PS  x, w1, sum1

// MULTIPLY3 does so with the three vectors of a panel in Y12, Y13 and Y14, and needs Y15.
#define MULTIPLY3(address, sum0, sum1, sum2) \
	VBROADCASTSS address, Y15 \
	VFMADD231PS  Y15, Y12, sum0 \
	VFMADD231PS  Y15, Y13, sum1 \
	VFMADD231PS  Y15, Y14, sum2

// ADD1, ADD2 and ADD3 add what is at row i of y, and STORE1, STORE2 and STORE3 put sums there; BX is y, SI its table.
#define ADD1(i, sum) \
	MOVQ   i*8(SI), DI \
	VADDPS (BX)(DI*1), sum, sum

#define ADD2(i, width, sum0, sum1) \
	MOVQ   i*8(SI), DI \
	VADDPS (BX)(DI*1), sum0, sum0 \
	VADDPS width(BX)(DI*1), sum1, sum1

#define ADD3(i, sum0, sum1, sum2) \
	ADD2(i, 32, sum0, sum1) \
	VADDPS 64(BX)(DI*1), sum2, sum2

#define STORE1(i, sum) \
	MOVQ    i*8(SI), DI \
	VMOVUPS sum, (BX)(DI*1)

#define STORE2(i, width, sum0, sum1) \
	MOVQ    i*8(SI), DI \
	VMOVUPS sum0, (BX)(DI*1) \
	VMOVUPS sum1, width(BX)(DI*1)

#define STORE3(i, sum0, sum1, sum2) \
	STORE2(i, 32, sum0, sum1) \
	VMOVUPS sum2, 64(BX)(DI*1)

// SUMADD1, SUMADD2 and SUMADD3 add a row of the sums at R8, SUMSTORE1, SUMSTORE2 and SUMSTORE3 put it at DX; R10 leads to
// the next row.
#define SUMADD1(sum) \
	VADDPS (R8), sum, sum \
	ADDQ   R10, R8

#define SUMADD2(width, sum0, sum1) \
	VADDPS (R8), sum0, sum0 \
	VADDPS width(R8), sum1, sum1 \
	ADDQ   R10, R8

#define SUMADD3(sum0, sum1, sum2) \
	VADDPS 64(R8), sum2, sum2 \
	SUMADD2(32, sum0, sum1)

#define SUMSTORE1(sum) \
	VMOVUPS sum, (DX) \
	ADDQ    R10, DX

#define SUMSTORE2(width, sum0, sum1) \
	VMOVUPS sum0, (DX) \
	VMOVUPS sum1, width(DX) \
	ADDQ    R10, DX

#define SUMSTORE3(sum0, sum1, sum2) \
	VMOVUPS sum2, 64(DX) \
	SUMSTORE2(32, sum0, sum1)

// ROWS512 loads the addresses of eight rows, and what the loops over taps and channels need.
#define ROWS512 \
	MOVQ x+0(FP), BX \
	MOVQ xOffsets+24(FP), SI \
	ROW(0, BX, R8) \
	ROW(1, BX, R9) \
	ROW(2, BX, R10) \
	ROW(3, BX, R11) \
	ROW(4, BX, R12) \
	ROW(5, BX, R13) \
	ROW(6, BX, AX) \
	ROW(7, BX, DX) \
	MOVQ w+16(FP), BX \
	MOVQ taps+40(FP), SI \
	MOVQ numTaps+48(FP), R14

// OUTER loads what all outer kernels need.
#define OUTER \
	MOVQ x+0(FP), AX \
	MOVQ dy+8(FP), BX \
	MOVQ sum+16(FP), DX \
	MOVQ xOffsets+24(FP), SI \
	MOVQ dyOffsets+32(FP), DI \
	MOVQ count+40(FP), CX \
	MOVQ sumStride+48(FP), R10

// ROWS256 loads the addresses of four rows, and what the loops over taps and channels need.
#define ROWS256 \
	MOVQ x+0(FP), BX \
	MOVQ xOffsets+24(FP), SI \
	MOVQ firstRow+72(FP), CX \
	LEAQ (SI)(CX*8), SI \
	ROW(0, BX, R8) \
	ROW(1, BX, R9) \
	ROW(2, BX, R10) \
	ROW(3, BX, R11) \
	MOVQ w+16(FP), BX \
	MOVQ taps+40(FP), SI \
	MOVQ numTaps+48(FP), DX

// OUTER256 loads what outer kernels of four rows need.
#define OUTER256 \
	OUTER \
	MOVQ  firstRow+64(FP), R11 \
	LEAQ  (AX)(R11*4), AX \
	IMULQ R10, R11 \
	ADDQ  R11, DX

// func rows16AVX512(x, y, w *float32, xOffsets, yOffsets, taps *int, numTaps, channels, add int)
TEXT ·rows16AVX512(SB), NOSPLIT, $0-72
	ROWS512
	ZERO8_512

tap:
	MOVQ (SI), DI
	MOVQ channels+56(FP), CX

channel:
	VMOVUPS          (BX), Z16
	VFMADD231PS.BCST (R8)(DI*1), Z16, Z0
	VFMADD231PS.BCST (R9)(DI*1), Z16, Z1
	VFMADD231PS.BCST (R10)(DI*1), Z16, Z2
	VFMADD231PS.BCST (R11)(DI*1), Z16, Z3
	VFMADD231PS.BCST (R12)(DI*1), Z16, Z4
	VFMADD231PS.BCST (R13)(DI*1), Z16, Z5
	VFMADD231PS.BCST (AX)(DI*1), Z16, Z6
	VFMADD231PS.BCST (DX)(DI*1), Z16, Z7
	ADDQ             $4, DI
	ADDQ             $64, BX
	DECQ             CX
	JNZ              channel
	ADDQ             $8, SI
	DECQ             R14
	JNZ              tap

	MOVQ y+8(FP), BX
	MOVQ yOffsets+32(FP), SI
	CMPQ add+64(FP), $0
	JEQ  store
	ADD1(0, Z0)
	ADD1(1, Z1)
	ADD1(2, Z2)
	ADD1(3, Z3)
	ADD1(4, Z4)
	ADD1(5, Z5)
	ADD1(6, Z6)
	ADD1(7, Z7)

store:
	STORE1(0, Z0)
	STORE1(1, Z1)
	STORE1(2, Z2)
	STORE1(3, Z3)
	STORE1(4, Z4)
	STORE1(5, Z5)
	STORE1(6, Z6)
	STORE1(7, Z7)
	VZEROUPPER
	RET

// func rows32AVX512(x, y, w *float32, xOffsets, yOffsets, taps *int, numTaps, channels, add int)
TEXT ·rows32AVX512(SB), NOSPLIT, $0-72
	ROWS512
	ZERO16_512

tap:
	MOVQ (SI), DI
	MOVQ channels+56(FP), CX

channel:
	VMOVUPS (BX), Z16
	VMOVUPS 64(BX), Z17
	MULTIPLY2((R8)(DI*1), Z18, Z16, Z17, Z0, Z1)
	MULTIPLY2((R9)(DI*1), Z19, Z16, Z17, Z2, Z3)
	MULTIPLY2((R10)(DI*1), Z20, Z16, Z17, Z4, Z5)
	MULTIPLY2((R11)(DI*1), Z21, Z16, Z17, Z6, Z7)
	MULTIPLY2((R12)(DI*1), Z22, Z16, Z17, Z8, Z9)
	MULTIPLY2((R13)(DI*1), Z23, Z16, Z17, Z10, Z11)
	MULTIPLY2((AX)(DI*1), Z24, Z16, Z17, Z12, Z13)
	MULTIPLY2((DX)(DI*1), Z25, Z16, Z17, Z14, Z15)
	ADDQ    $4, DI
	ADDQ    $128, BX
	DECQ    CX
	JNZ     channel
	ADDQ    $8, SI
	DECQ    R14
	JNZ     tap

	MOVQ y+8(FP), BX
	MOVQ yOffsets+32(FP), SI
	CMPQ add+64(FP), $0
	JEQ  store
	ADD2(0, 64, Z0, Z1)
	ADD2(1, 64, Z2, Z3)
	ADD2(2, 64, Z4, Z5)
	ADD2(3, 64, Z6, Z7)
	ADD2(4, 64, Z8, Z9)
	ADD2(5, 64, Z10, Z11)
	ADD2(6, 64, Z12, Z13)
	ADD2(7, 64, Z14, Z15)

store:
	STORE2(0, 64, Z0, Z1)
	STORE2(1, 64, Z2, Z3)
	STORE2(2, 64, Z4, Z5)
	STORE2(3, 64, Z6, Z7)
	STORE2(4, 64, Z8, Z9)
	STORE2(5, 64, Z10, Z11)
	STORE2(6, 64, Z12, Z13)
	STORE2(7, 64, Z14, Z15)
	VZEROUPPER
	RET

// func outer16AVX512(x, dy, sum *float32, xOffsets, dyOffsets *int, count, sumStride, add int)
TEXT ·outer16AVX512(SB), NOSPLIT, $0-64
	OUTER
	ZERO8_512

position:
	MOVQ             (SI), R8
	MOVQ             (DI), R9
	VMOVUPS          (BX)(R9*1), Z16
	VFMADD231PS.BCST (AX)(R8*1), Z16, Z0
	VFMADD231PS.BCST 4(AX)(R8*1), Z16, Z1
	VFMADD231PS.BCST 8(AX)(R8*1), Z16, Z2
	VFMADD231PS.BCST 12(AX)(R8*1), Z16, Z3
	VFMADD231PS.BCST 16(AX)(R8*1), Z16, Z4
	VFMADD231PS.BCST 20(AX)(R8*1), Z16, Z5
	VFMADD231PS.BCST 24(AX)(R8*1), Z16, Z6
	VFMADD231PS.BCST 28(AX)(R8*1), Z16, Z7
	ADDQ             $8, SI
	ADDQ             $8, DI
	DECQ             CX
	JNZ              position

	CMPQ add+56(FP), $0
	JEQ  store
	MOVQ DX, R8
	SUMADD1(Z0)
	SUMADD1(Z1)
	SUMADD1(Z2)
	SUMADD1(Z3)
	SUMADD1(Z4)
	SUMADD1(Z5)
	SUMADD1(Z6)
	SUMADD1(Z7)

store:
	SUMSTORE1(Z0)
	SUMSTORE1(Z1)
	SUMSTORE1(Z2)
	SUMSTORE1(Z3)
	SUMSTORE1(Z4)
	SUMSTORE1(Z5)
	SUMSTORE1(Z6)
	SUMSTORE1(Z7)
	VZEROUPPER
	RET

// func outer32AVX512(x, dy, sum *float32, xOffsets, dyOffsets *int, count, sumStride, add int)
TEXT ·outer32AVX512(SB), NOSPLIT, $0-64
	OUTER
	ZERO16_512

position:
	MOVQ    (SI), R8
	MOVQ    (DI), R9
	VMOVUPS (BX)(R9*1), Z16
	VMOVUPS 64(BX)(R9*1), Z17
	MULTIPLY2((AX)(R8*1), Z18, Z16, Z17, Z0, Z1)
	MULTIPLY2(4(AX)(R8*1), Z19, Z16, Z17, Z2, Z3)
	MULTIPLY2(8(AX)(R8*1), Z20, Z16, Z17, Z4, Z5)
	MULTIPLY2(12(AX)(R8*1), Z21, Z16, Z17, Z6, Z7)
	MULTIPLY2(16(AX)(R8*1), Z22, Z16, Z17, Z8, Z9)
	MULTIPLY2(20(AX)(R8*1), Z23, Z16, Z17, Z10, Z11)
	MULTIPLY2(24(AX)(R8*1), Z24, Z16, Z17, Z12, Z13)
	MULTIPLY2(28(AX)(R8*1), Z25, Z16, Z17, Z14, Z15)
	ADDQ    $8, SI
	ADDQ    $8, DI
	DECQ    CX
	JNZ     position

	CMPQ add+56(FP), $0
	JEQ  store
	MOVQ DX, R8
	SUMADD2(64, Z0, Z1)
	SUMADD2(64, Z2, Z3)
	SUMADD2(64, Z4, Z5)
	SUMADD2(64, Z6, Z7)
	SUMADD2(64, Z8, Z9)
	SUMADD2(64, Z10, Z11)
	SUMADD2(64, Z12, Z13)
	SUMADD2(64, Z14, Z15)

store:
	SUMSTORE2(64, Z0, Z1)
	SUMSTORE2(64, Z2, Z3)
	SUMSTORE2(64, Z4, Z5)
	SUMSTORE2(64, Z6, Z7)
	SUMSTORE2(64, Z8, Z9)
	SUMSTORE2(64, Z10, Z11)
	SUMSTORE2(64, Z12, Z13)
	SUMSTORE2(64, Z14, Z15)
	VZEROUPPER
	RET

// func rows16x4AVX2(x, y, w *float32, xOffsets, yOffsets, taps *int, numTaps, channels, add, firstRow int)
TEXT ·rows16x4AVX2(SB), NOSPLIT, $0-80
	ROWS256
	ZERO8_256

tap:
	MOVQ (SI), DI
	MOVQ channels+56(FP), CX

channel:
	VMOVUPS (BX), Y8
	VMOVUPS 32(BX), Y9
	MULTIPLY2((R8)(DI*1), Y10, Y8, Y9, Y0, Y1)
	MULTIPLY2((R9)(DI*1), Y11, Y8, Y9, Y2, Y3)
	MULTIPLY2((R10)(DI*1), Y12, Y8, Y9, Y4, Y5)
	MULTIPLY2((R11)(DI*1), Y13, Y8, Y9, Y6, Y7)
	ADDQ    $4, DI
	ADDQ    $64, BX
	DECQ    CX
	JNZ     channel
	ADDQ    $8, SI
	DECQ    DX
	JNZ     tap

	MOVQ y+8(FP), BX
	MOVQ yOffsets+32(FP), SI
	MOVQ firstRow+72(FP), CX
	LEAQ (SI)(CX*8), SI
	CMPQ add+64(FP), $0
	JEQ  store
	ADD2(0, 32, Y0, Y1)
	ADD2(1, 32, Y2, Y3)
	ADD2(2, 32, Y4, Y5)
	ADD2(3, 32, Y6, Y7)

store:
	STORE2(0, 32, Y0, Y1)
	STORE2(1, 32, Y2, Y3)
	STORE2(2, 32, Y4, Y5)
	STORE2(3, 32, Y6, Y7)
	VZEROUPPER
	RET

// func rows24x4AVX2(x, y, w *float32, xOffsets, yOffsets, taps *int, numTaps, channels, add, firstRow int)
TEXT ·rows24x4AVX2(SB), NOSPLIT, $0-80
	ROWS256
	ZERO12_256

tap:
	MOVQ (SI), DI
	MOVQ channels+56(FP), CX

channel:
	VMOVUPS (BX), Y12
	VMOVUPS 32(BX), Y13
	VMOVUPS 64(BX), Y14
	MULTIPLY3((R8)(DI*1), Y0, Y1, Y2)
	MULTIPLY3((R9)(DI*1), Y3, Y4, Y5)
	MULTIPLY3((R10)(DI*1), Y6, Y7, Y8)
	MULTIPLY3((R11)(DI*1), Y9, Y10, Y11)
	ADDQ    $4, DI
	ADDQ    $96, BX
	DECQ    CX
	JNZ     channel
	ADDQ    $8, SI
	DECQ    DX
	JNZ     tap

	MOVQ y+8(FP), BX
	MOVQ yOffsets+32(FP), SI
	MOVQ firstRow+72(FP), CX
	LEAQ (SI)(CX*8), SI
	CMPQ add+64(FP), $0
	JEQ  store
	ADD3(0, Y0, Y1, Y2)
	ADD3(1, Y3, Y4, Y5)
	ADD3(2, Y6, Y7, Y8)
	ADD3(3, Y9, Y10, Y11)

store:
	STORE3(0, Y0, Y1, Y2)
	STORE3(1, Y3, Y4, Y5)
	STORE3(2, Y6, Y7, Y8)
	STORE3(3, Y9, Y10, Y11)
	VZEROUPPER
	RET

// func outer16x4AVX2(x, dy, sum *float32, xOffsets, dyOffsets *int, count, sumStride, add, firstRow int)
TEXT ·outer16x4AVX2(SB), NOSPLIT, $0-72
	OUTER256
	ZERO8_256

position:
	MOVQ    (SI), R8
	MOVQ    (DI), R9
	VMOVUPS (BX)(R9*1), Y8
	VMOVUPS 32(BX)(R9*1), Y9
	MULTIPLY2((AX)(R8*1), Y10, Y8, Y9, Y0, Y1)
	MULTIPLY2(4(AX)(R8*1), Y11, Y8, Y9, Y2, Y3)
	MULTIPLY2(8(AX)(R8*1), Y12, Y8, Y9, Y4, Y5)
	MULTIPLY2(12(AX)(R8*1), Y13, Y8, Y9, Y6, Y7)
	ADDQ    $8, SI
	ADDQ    $8, DI
	DECQ    CX
	JNZ     position

	CMPQ add+56(FP), $0
	JEQ  store
	MOVQ DX, R8
	SUMADD2(32, Y0, Y1)
	SUMADD2(32, Y2, Y3)
	SUMADD2(32, Y4, Y5)
	SUMADD2(32, Y6, Y7)

store:
	SUMSTORE2(32, Y0, Y1)
	SUMSTORE2(32, Y2, Y3)
	SUMSTORE2(32, Y4, Y5)
	SUMSTORE2(32, Y6, Y7)
	VZEROUPPER
	RET

// func outer24x4AVX2(x, dy, sum *float32, xOffsets, dyOffsets *int, count, sumStride, add, firstRow int)
TEXT ·outer24x4AVX2(SB), NOSPLIT, $0-72
	OUTER256
	ZERO12_256

position:
	MOVQ    (SI), R8
	MOVQ    (DI), R9
	VMOVUPS (BX)(R9*1), Y12
	VMOVUPS 32(BX)(R9*1), Y13
	VMOVUPS 64(BX)(R9*1), Y14
	MULTIPLY3((AX)(R8*1), Y0, Y1, Y2)
	MULTIPLY3(4(AX)(R8*1), Y3, Y4, Y5)
	MULTIPLY3(8(AX)(R8*1), Y6, Y7, Y8)
	MULTIPLY3(12(AX)(R8*1), Y9, Y10, Y11)
	ADDQ    $8, SI
	ADDQ    $8, DI
	DECQ    CX
	JNZ     position

	CMPQ add+56(FP), $0
	JEQ  store
	MOVQ DX, R8
	SUMADD3(Y0, Y1, Y2)
	SUMADD3(Y3, Y4, Y5)
	SUMADD3(Y6, Y7, Y8)
	SUMADD3(Y9, Y10, Y11)

store:
	SUMSTORE3(Y0, Y1, Y2)
	SUMSTORE3(Y3, Y4, Y5)
	SUMSTORE3(Y6, Y7, Y8)
	SUMSTORE3(Y9, Y10, Y11)
	VZEROUPPER
	RET

// LOADROW loads a row at SI, PUTROW puts one at DI; CX and DX lead to the next.
#define LOADROW(row) \
	VMOVUPS (SI), row \
	ADDQ    CX, SI

#define PUTROW(row) \
	VMOVUPS row, (DI) \
	ADDQ    DX, DI

// TRANSPOSE4 transposes the two 4x4 blocks that lie side by side in the rows a, b, c and d, with help of others.
#define TRANSPOSE4(a, b, c, d, e, f, g, h) \
	VUNPCKLPS b, a, e \
	VUNPCKHPS b, a, f \
	VUNPCKLPS d, c, g \
	VUNPCKHPS d, c, h \
	VUNPCKLPD g, e, a \
	VUNPCKHPD g, e, b \
	VUNPCKLPD h, f, c \
	VUNPCKHPD h, f, d

// HALVES puts the lower halves of two rows at DI if it is $0x20, and the upper halves if it is $0x31.
#define HALVES(which, upper, lower) \
	VPERM2F128 which, upper, lower, Y8 \
	PUTROW(Y8)

// func transpose8x8AVX2(to, from *float32, toStride, fromStride int)
TEXT ·transpose8x8AVX2(SB), NOSPLIT, $0-32
	MOVQ to+0(FP), DI
	MOVQ from+8(FP), SI
	MOVQ toStride+16(FP), DX
	MOVQ fromStride+24(FP), CX
	LOADROW(Y0)
	LOADROW(Y1)
	LOADROW(Y2)
	LOADROW(Y3)
	LOADROW(Y4)
	LOADROW(Y5)
	LOADROW(Y6)
	LOADROW(Y7)
	TRANSPOSE4(Y0, Y1, Y2, Y3, Y8, Y9, Y10, Y11)
	TRANSPOSE4(Y4, Y5, Y6, Y7, Y12, Y13, Y14, Y15)
	HALVES($0x20, Y4, Y0)
	HALVES($0x20, Y5, Y1)
	HALVES($0x20, Y6, Y2)
	HALVES($0x20, Y7, Y3)
	HALVES($0x31, Y4, Y0)
	HALVES($0x31, Y5, Y1)
	HALVES($0x31, Y6, Y2)
	HALVES($0x31, Y7, Y3)
	VZEROUPPER
	RET
