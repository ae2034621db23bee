#include "textflag.h"

// Each loop transforms eight channels at a time, which lie behind each other everywhere. All strides are in bytes.
// transforms.go has the same in Go, and what it computes.

DATA half<>+0(SB)/4, $0x3f000000
GLOBL half<>(SB), RODATA|NOPTR, $4

// STORE4 puts a row of a tile at R12, into four planes BX apart, of which three are DX, and goes on to the next row.
#define STORE4(a, b, c, d) \
	VMOVUPS a, (R12) \
	VMOVUPS b, (R12)(BX*1) \
	VMOVUPS c, (R12)(BX*2) \
	VMOVUPS d, (R12)(DX*1) \
	LEAQ    (R12)(BX*4), R12

// PIXELROW stores Bᵀ's row "first op second" of the pixels, times B. Pixels are AX apart, and three of them SI.
#define PIXELROW(op, first, second) \
	VMOVUPS (first), Y0 \
	VMOVUPS (first)(AX*1), Y1 \
	VMOVUPS (first)(AX*2), Y2 \
	VMOVUPS (first)(SI*1), Y3 \
	op      (second), Y0, Y0 \
	op      (second)(AX*1), Y1, Y1 \
	op      (second)(AX*2), Y2, Y2 \
	op      (second)(SI*1), Y3, Y3 \
	VSUBPS  Y2, Y0, Y4 \
	VADDPS  Y2, Y1, Y5 \
	VSUBPS  Y1, Y2, Y6 \
	VSUBPS  Y3, Y1, Y7 \
	STORE4(Y4, Y5, Y6, Y7)

// func pixelsAVX2(v, x *float32, plane, rowStride, pixelStride, vectors int)
TEXT ·pixelsAVX2(SB), NOSPLIT, $0-48
	MOVQ v+0(FP), DI
	MOVQ x+8(FP), R8
	MOVQ plane+16(FP), BX
	MOVQ rowStride+24(FP), R9
	MOVQ pixelStride+32(FP), AX
	MOVQ vectors+40(FP), CX
	LEAQ (R8)(R9*2), R10
	LEAQ (R10)(R9*1), R11
	ADDQ R8, R9
	LEAQ (AX)(AX*2), SI
	LEAQ (BX)(BX*2), DX

loop:
	MOVQ DI, R12
	PIXELROW(VSUBPS, R8, R10)
	PIXELROW(VADDPS, R9, R10)
	PIXELROW(VSUBPS, R10, R9)
	PIXELROW(VSUBPS, R9, R11)
	ADDQ $32, R8
	ADDQ $32, R9
	ADDQ $32, R10
	ADDQ $32, R11
	ADDQ $32, DI
	DECQ CX
	JNZ  loop
	VZEROUPPER
	RET

// RESULTCOLUMN computes Aᵀ times a column of a tile at R12, and goes on to the next. Rows of planes are DX apart, and
// three of them R13.
#define RESULTCOLUMN(upper, lower) \
	VMOVUPS (R12)(DX*1), Y8 \
	VMOVUPS (R12)(DX*2), Y9 \
	VADDPS  (R12), Y8, upper \
	VADDPS  Y9, upper, upper \
	VSUBPS  Y9, Y8, lower \
	VSUBPS  (R12)(R13*1), lower, lower \
	ADDQ    BX, R12

// RESULTROW stores Aᵀ times a row at an address and the next pixel's.
#define RESULTROW(a, b, c, d, address) \
	VADDPS  b, a, Y8 \
	VADDPS  c, Y8, Y8 \
	VSUBPS  c, b, Y9 \
	VSUBPS  d, Y9, Y9 \
	VMOVUPS Y8, (address) \
	VMOVUPS Y9, (address)(AX*1)

// func resultsAVX2(y, m *float32, plane, rowStride, pixelStride, vectors int)
TEXT ·resultsAVX2(SB), NOSPLIT, $0-48
	MOVQ y+0(FP), R8
	MOVQ m+8(FP), SI
	MOVQ plane+16(FP), BX
	MOVQ rowStride+24(FP), R9
	MOVQ pixelStride+32(FP), AX
	MOVQ vectors+40(FP), CX
	ADDQ R8, R9
	LEAQ (BX*4), DX
	LEAQ (DX)(DX*2), R13

loop:
	MOVQ SI, R12
	RESULTCOLUMN(Y0, Y1)
	RESULTCOLUMN(Y2, Y3)
	RESULTCOLUMN(Y4, Y5)
	RESULTCOLUMN(Y6, Y7)
	RESULTROW(Y0, Y2, Y4, Y6, R8)
	RESULTROW(Y1, Y3, Y5, Y7, R9)
	ADDQ $32, R8
	ADDQ $32, R9
	ADDQ $32, SI
	DECQ CX
	JNZ  loop
	VZEROUPPER
	RET

// GRADIENTROW stores A times a pair; Y15 is zero.
#define GRADIENTROW(a, b) \
	VADDPS b, a, Y4 \
	VSUBPS b, a, Y5 \
	VSUBPS b, Y15, Y6 \
	STORE4(a, Y4, Y5, Y6)

// func gradientsAVX2(d, dy *float32, plane, rowStride, pixelStride, vectors int)
TEXT ·gradientsAVX2(SB), NOSPLIT, $0-48
	MOVQ   d+0(FP), DI
	MOVQ   dy+8(FP), R8
	MOVQ   plane+16(FP), BX
	MOVQ   rowStride+24(FP), R9
	MOVQ   pixelStride+32(FP), AX
	MOVQ   vectors+40(FP), CX
	ADDQ   R8, R9
	LEAQ   (BX)(BX*2), DX
	VXORPS Y15, Y15, Y15

loop:
	MOVQ    DI, R12
	VMOVUPS (R8), Y0
	VMOVUPS (R8)(AX*1), Y1
	VMOVUPS (R9), Y2
	VMOVUPS (R9)(AX*1), Y3
	GRADIENTROW(Y0, Y1)
	VADDPS  Y2, Y0, Y7
	VADDPS  Y3, Y1, Y8
	GRADIENTROW(Y7, Y8)
	VSUBPS  Y2, Y0, Y7
	VSUBPS  Y3, Y1, Y8
	GRADIENTROW(Y7, Y8)
	VSUBPS  Y2, Y15, Y7
	VSUBPS  Y3, Y15, Y8
	GRADIENTROW(Y7, Y8)
	ADDQ    $32, R8
	ADDQ    $32, R9
	ADDQ    $32, DI
	DECQ    CX
	JNZ     loop
	VZEROUPPER
	RET

// WEIGHTCOLUMN computes G times a column of taps at three addresses; Y15 is a half everywhere.
#define WEIGHTCOLUMN(top, middle, bottom, a, b, c, d) \
	VMOVUPS top, a \
	VMOVUPS bottom, d \
	VADDPS  d, a, Y12 \
	VMULPS  Y15, Y12, Y12 \
	VMULPS  middle, Y15, Y13 \
	VADDPS  Y13, Y12, b \
	VSUBPS  Y13, Y12, c

// WEIGHTROW stores G times a row of three.
#define WEIGHTROW(a, b, c) \
	VADDPS c, a, Y12 \
	VMULPS Y15, Y12, Y12 \
	VMULPS Y15, b, Y13 \
	VADDPS Y13, Y12, Y14 \
	VSUBPS Y13, Y12, Y12 \
	STORE4(a, Y14, Y12, c)

// func weightsAVX2(u, w *float32, plane, tapRow, tapColumn, vectors int)
TEXT ·weightsAVX2(SB), NOSPLIT, $0-48
	MOVQ         u+0(FP), DI
	MOVQ         w+8(FP), R8
	MOVQ         plane+16(FP), BX
	MOVQ         tapRow+24(FP), R9
	MOVQ         tapColumn+32(FP), AX
	MOVQ         vectors+40(FP), CX
	LEAQ         (R8)(R9*2), R10
	ADDQ         R8, R9
	LEAQ         (BX)(BX*2), DX
	VBROADCASTSS half<>(SB), Y15

loop:
	MOVQ DI, R12
	WEIGHTCOLUMN((R8), (R9), (R10), Y0, Y1, Y2, Y3)
	WEIGHTCOLUMN((R8)(AX*1), (R9)(AX*1), (R10)(AX*1), Y4, Y5, Y6, Y7)
	WEIGHTCOLUMN((R8)(AX*2), (R9)(AX*2), (R10)(AX*2), Y8, Y9, Y10, Y11)
	WEIGHTROW(Y0, Y4, Y8)
	WEIGHTROW(Y1, Y5, Y9)
	WEIGHTROW(Y2, Y6, Y10)
	WEIGHTROW(Y3, Y7, Y11)
	ADDQ $32, R8
	ADDQ $32, R9
	ADDQ $32, R10
	ADDQ $32, DI
	DECQ CX
	JNZ  loop
	VZEROUPPER
	RET

// KERNELCOLUMN computes Gᵀ times a column of a tile at R12, and goes on to the next. Rows of planes are DX apart, and
// three of them R13; Y15 is a half everywhere.
#define KERNELCOLUMN(a, b, c) \
	VMOVUPS (R12)(DX*1), Y12 \
	VMOVUPS (R12)(DX*2), Y13 \
	VSUBPS  Y13, Y12, b \
	VMULPS  Y15, b, b \
	VADDPS  Y13, Y12, Y12 \
	VMULPS  Y15, Y12, Y12 \
	VADDPS  (R12), Y12, a \
	VADDPS  (R12)(R13*1), Y12, c \
	ADDQ    BX, R12

// KERNELROW stores Gᵀ times a row at an address and the next two taps'.
#define KERNELROW(a, b, c, d, address) \
	VADDPS  c, b, Y12 \
	VMULPS  Y15, Y12, Y12 \
	VSUBPS  c, b, Y13 \
	VMULPS  Y15, Y13, Y13 \
	VADDPS  Y12, a, Y14 \
	VADDPS  d, Y12, Y12 \
	VMOVUPS Y14, (address) \
	VMOVUPS Y13, (address)(AX*1) \
	VMOVUPS Y12, (address)(AX*2)

// func kernelAVX2(dw, s *float32, plane, tapRow, tapColumn, vectors int)
TEXT ·kernelAVX2(SB), NOSPLIT, $0-48
	MOVQ         dw+0(FP), R8
	MOVQ         s+8(FP), SI
	MOVQ         plane+16(FP), BX
	MOVQ         tapRow+24(FP), R9
	MOVQ         tapColumn+32(FP), AX
	MOVQ         vectors+40(FP), CX
	LEAQ         (R8)(R9*2), R10
	ADDQ         R8, R9
	LEAQ         (BX*4), DX
	LEAQ         (DX)(DX*2), R13
	VBROADCASTSS half<>(SB), Y15

loop:
	MOVQ SI, R12
	KERNELCOLUMN(Y0, Y1, Y2)
	KERNELCOLUMN(Y3, Y4, Y5)
	KERNELCOLUMN(Y6, Y7, Y8)
	KERNELCOLUMN(Y9, Y10, Y11)
	KERNELROW(Y0, Y3, Y6, Y9, R8)
	KERNELROW(Y1, Y4, Y7, Y10, R9)
	KERNELROW(Y2, Y5, Y8, Y11, R10)
	ADDQ $32, R8
	ADDQ $32, R9
	ADDQ $32, R10
	ADDQ $32, SI
	DECQ CX
	JNZ  loop
	VZEROUPPER
	RET

// func addAVX2(to, from *float32, vectors int)
TEXT ·addAVX2(SB), NOSPLIT, $0-24
	MOVQ to+0(FP), DI
	MOVQ from+8(FP), SI
	MOVQ vectors+16(FP), CX

loop:
	VMOVUPS (DI), Y0
	VADDPS  (SI), Y0, Y0
	VMOVUPS Y0, (DI)
	ADDQ    $32, SI
	ADDQ    $32, DI
	DECQ    CX
	JNZ     loop
	VZEROUPPER
	RET
